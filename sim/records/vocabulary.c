#include "sim/records/vocabulary.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct ehr_record_concept ambulatory[] = {
    {"185349003", "Check-up visit", NULL, 0, 0, 0},
    {"185345009", "Visit for a symptom", NULL, 0, 0, 0},
    {"185347001", "Visit for a known problem", NULL, 0, 0, 0},
    {"390906007", "Follow-up visit", NULL, 0, 0, 0},
    {"162673000", "General examination visit", NULL, 0, 0, 0},
    {"308335008", "Visit for a procedure", NULL, 0, 0, 0},
    {"698314001", "Treatment consultation", NULL, 0, 0, 0},
};

static const struct ehr_record_concept emergency[] = {
    {"50849002", "Emergency room admission", NULL, 0, 0, 0},
    {"183460006", "Obstetric emergency admission", NULL, 0, 0, 0},
};

static const struct ehr_record_concept inpatient[] = {
    {"183452005", "Inpatient stay", NULL, 0, 0, 0},
    {"32485007", "Hospital admission", NULL, 0, 0, 0},
};

static const struct ehr_record_concept conditions[] = {
    {"59621000", "Essential hypertension", NULL, 0, 0, 0},
    {"44054006", "Type 2 diabetes", NULL, 0, 0, 0},
    {"55822004", "Hyperlipidemia", NULL, 0, 0, 0},
    {"162864005", "Obesity, BMI 30 or more", NULL, 0, 0, 0},
    {"15777000", "Prediabetes", NULL, 0, 0, 0},
    {"195967001", "Asthma", NULL, 0, 0, 0},
    {"40055000", "Chronic sinusitis", NULL, 0, 0, 0},
    {"271737000", "Anemia", NULL, 0, 0, 0},
    {"370143000", "Major depressive disorder", NULL, 0, 0, 0},
    {"40930008", "Hypothyroidism", NULL, 0, 0, 0},
    {"235595009", "Gastroesophageal reflux", NULL, 0, 0, 0},
    {"239873007", "Osteoarthritis of knee", NULL, 0, 0, 0},
    {"201834006", "Osteoarthritis of hand", NULL, 0, 0, 0},
    {"197480006", "Anxiety disorder", NULL, 0, 0, 0},
    {"13645005", "Chronic obstructive pulmonary disease", NULL, 0, 0, 0},
    {"53741008", "Coronary arteriosclerosis", NULL, 0, 0, 0},
    {"237602007", "Metabolic syndrome", NULL, 0, 0, 0},
    {"302870006", "Hypertriglyceridemia", NULL, 0, 0, 0},
    {"232353008", "Perennial allergic rhinitis", NULL, 0, 0, 0},
    {"64859006", "Osteoporosis", NULL, 0, 0, 0},
    {"49436004", "Atrial fibrillation", NULL, 0, 0, 0},
    {"433144002", "Chronic kidney disease stage 3", NULL, 0, 0, 0},
    {"431855005", "Chronic kidney disease stage 1", NULL, 0, 0, 0},
    {"84114007", "Heart failure", NULL, 0, 0, 0},
    {"368581000119106", "Diabetic neuropathy", NULL, 0, 0, 0},
    {"37796009", "Migraine", NULL, 0, 0, 0},
    {"24079001", "Atopic dermatitis", NULL, 0, 0, 0},
    {"69896004", "Rheumatoid arthritis", NULL, 0, 0, 0},
    {"38341003", "Raised blood pressure disorder", NULL, 0, 0, 0},
    {"80394007", "Hyperglycemia", NULL, 0, 0, 0},
    {"444814009", "Viral sinusitis", NULL, 0, 0, 0},
    {"195662009", "Viral pharyngitis", NULL, 0, 0, 0},
    {"10509002", "Acute bronchitis", NULL, 0, 0, 0},
    {"68566005", "Urinary tract infection", NULL, 0, 0, 0},
    {"65363002", "Otitis media", NULL, 0, 0, 0},
    {"43878008", "Streptococcal sore throat", NULL, 0, 0, 0},
    {"44465007", "Sprained ankle", NULL, 0, 0, 0},
    {"70704007", "Sprained wrist", NULL, 0, 0, 0},
    {"75498004", "Bacterial sinusitis", NULL, 0, 0, 0},
    {"72892002", "Normal pregnancy", NULL, 0, 0, 0},
    {"283371005", "Forearm laceration", NULL, 0, 0, 0},
    {"62106007", "Concussion without loss of consciousness", NULL, 0, 0, 0},
    {"39848009", "Whiplash", NULL, 0, 0, 0},
    {"403190006", "First degree burn", NULL, 0, 0, 0},
    {"233604007", "Pneumonia", NULL, 0, 0, 0},
    {"33737001", "Rib fracture", NULL, 0, 0, 0},
    {"74400008", "Appendicitis", NULL, 0, 0, 0},
    {"22298006", "Myocardial infarction", NULL, 0, 0, 0},
    {"230690007", "Stroke", NULL, 0, 0, 0},
};

static const struct ehr_record_concept procedures[] = {
    {"430193006", "Medication reconciliation", NULL, 0, 0, 0},
    {"428191000124101", "Current medications recorded", NULL, 0, 0, 0},
    {"171207006", "Depression screening", NULL, 0, 0, 0},
    {"5880005", "Physical examination", NULL, 0, 0, 0},
    {"29303009", "Electrocardiogram", NULL, 0, 0, 0},
    {"399208008", "Chest X-ray", NULL, 0, 0, 0},
    {"76601001", "Intramuscular injection", NULL, 0, 0, 0},
    {"117015009", "Throat culture", NULL, 0, 0, 0},
    {"117010004", "Urine culture", NULL, 0, 0, 0},
    {"73761001", "Colonoscopy", NULL, 0, 0, 0},
    {"23426006", "Lung function test", NULL, 0, 0, 0},
    {"104091002", "Hemoglobin, hematocrit and platelet count", NULL, 0, 0, 0},
    {"710824005", "Health and social care needs assessment", NULL, 0, 0, 0},
    {"24623002", "Screening mammography", NULL, 0, 0, 0},
    {"312681000", "Bone density scan", NULL, 0, 0, 0},
    {"40701008", "Echocardiogram", NULL, 0, 0, 0},
    {"288086009", "Suture of open wound", NULL, 0, 0, 0},
    {"28163009", "Tuberculosis skin test", NULL, 0, 0, 0},
    {"274474001", "Bone immobilization", NULL, 0, 0, 0},
    {"91251008", "Physical therapy", NULL, 0, 0, 0},
    {"252160004", "Pregnancy test", NULL, 0, 0, 0},
    {"225158009", "Fetal heart auscultation", NULL, 0, 0, 0},
    {"274804006", "Fundal height measurement", NULL, 0, 0, 0},
    {"167271000", "Urine protein test", NULL, 0, 0, 0},
    {"103750000", "Sleep apnea assessment", NULL, 0, 0, 0},
    {"710841007", "Anxiety assessment", NULL, 0, 0, 0},
    {"763302001", "Alcohol use assessment, AUDIT-C", NULL, 0, 0, 0},
    {"269911007", "Sputum examination", NULL, 0, 0, 0},
    {"80146002", "Appendectomy", NULL, 0, 0, 0},
};

static const struct ehr_record_concept medications[] = {
    {"313782", "Acetaminophen 325 mg tablet", NULL, 0, 0, 0},
    {"310965", "Ibuprofen 200 mg tablet", NULL, 0, 0, 0},
    {"314076", "Lisinopril 10 mg tablet", NULL, 0, 0, 0},
    {"860975", "Metformin 500 mg extended-release tablet", NULL, 0, 0, 0},
    {"312961", "Simvastatin 20 mg tablet", NULL, 0, 0, 0},
    {"310798", "Hydrochlorothiazide 25 mg tablet", NULL, 0, 0, 0},
    {"308192", "Amoxicillin 500 mg tablet", NULL, 0, 0, 0},
    {"243670", "Aspirin 81 mg tablet", NULL, 0, 0, 0},
    {"849574", "Naproxen 220 mg tablet", NULL, 0, 0, 0},
    {"197361", "Amlodipine 5 mg tablet", NULL, 0, 0, 0},
    {"259255", "Atorvastatin 80 mg tablet", NULL, 0, 0, 0},
    {"562251", "Amoxicillin 250 mg with clavulanate 125 mg tablet", NULL, 0, 0, 0},
    {"309362", "Clopidogrel 75 mg tablet", NULL, 0, 0, 0},
    {"866412", "Metoprolol 100 mg extended-release tablet", NULL, 0, 0, 0},
    {"630208", "Albuterol inhalation solution", NULL, 0, 0, 0},
    {"895994", "Fluticasone inhaler", NULL, 0, 0, 0},
    {"966222", "Levothyroxine 0.075 mg tablet", NULL, 0, 0, 0},
    {"310325", "Ferrous sulfate 325 mg tablet", NULL, 0, 0, 0},
    {"834102", "Penicillin V 500 mg tablet", NULL, 0, 0, 0},
    {"314077", "Lisinopril 20 mg tablet", NULL, 0, 0, 0},
    {"308136", "Amlodipine 2.5 mg tablet", NULL, 0, 0, 0},
    {"314231", "Simvastatin 10 mg tablet", NULL, 0, 0, 0},
    {"1049630", "Diphenhydramine 25 mg tablet", NULL, 0, 0, 0},
    {"665078", "Loratadine 5 mg chewable tablet", NULL, 0, 0, 0},
    {"313988", "Furosemide 40 mg tablet", NULL, 0, 0, 0},
    {"855332", "Warfarin 5 mg tablet", NULL, 0, 0, 0},
    {"197604", "Digoxin 0.125 mg tablet", NULL, 0, 0, 0},
    {"904419", "Alendronic acid 10 mg tablet", NULL, 0, 0, 0},
    {"106892", "Insulin human isophane and regular", NULL, 0, 0, 0},
    {"311034", "Regular insulin", NULL, 0, 0, 0},
    {"1870230", "Epinephrine auto-injector", NULL, 0, 0, 0},
    {"861467", "Meperidine 50 mg tablet", NULL, 0, 0, 0},
    {"389221", "Etonogestrel implant", NULL, 0, 0, 0},
};

static const struct ehr_record_concept vaccines[] = {
    {"140", "Influenza, preservative free", NULL, 0, 0, 0},
    {"113", "Td, adult", NULL, 0, 0, 0},
    {"115", "Tdap", NULL, 0, 0, 0},
    {"133", "Pneumococcal conjugate, 13-valent", NULL, 0, 0, 0},
    {"208", "COVID-19, mRNA, 30 mcg", NULL, 0, 0, 0},
    {"33", "Pneumococcal polysaccharide, 23-valent", NULL, 0, 0, 0},
    {"187", "Zoster, recombinant", NULL, 0, 0, 0},
    {"52", "Hepatitis A, adult", NULL, 0, 0, 0},
    {"43", "Hepatitis B, adult", NULL, 0, 0, 0},
    {"20", "DTaP", NULL, 0, 0, 0},
    {"03", "MMR", NULL, 0, 0, 0},
    {"10", "Polio, inactivated", NULL, 0, 0, 0},
    {"21", "Varicella", NULL, 0, 0, 0},
    {"08", "Hepatitis B, child", NULL, 0, 0, 0},
    {"83", "Hepatitis A, child", NULL, 0, 0, 0},
    {"114", "Meningococcal, MCV4P", NULL, 0, 0, 0},
    {"62", "HPV, quadrivalent", NULL, 0, 0, 0},
    {"49", "Hib, PRP-OMP", NULL, 0, 0, 0},
    {"119", "Rotavirus, monovalent", NULL, 0, 0, 0},
    {"88", "Influenza, unspecified", NULL, 0, 0, 0},
    {"121", "Zoster, live", NULL, 0, 0, 0},
    {"207", "COVID-19, mRNA, 100 mcg", NULL, 0, 0, 0},
};

/* LOINC with UCUM units; ranges are those a clinic meets, in units of 10^-decimals. */
static const struct ehr_record_concept vitals[] = {
    {"8480-6", "Systolic blood pressure", "mm[Hg]", 95, 178, 0},
    {"8462-4", "Diastolic blood pressure", "mm[Hg]", 58, 108, 0},
    {"8867-4", "Heart rate", "/min", 52, 112, 0},
    {"29463-7", "Body weight", "kg", 420, 1280, 1},
    {"8302-2", "Body height", "cm", 1450, 1980, 1},
    {"39156-5", "Body mass index", "kg/m2", 182, 412, 1},
    {"8310-5", "Body temperature", "Cel", 361, 392, 1},
    {"9279-1", "Respiratory rate", "/min", 11, 24, 0},
    {"2708-6", "Oxygen saturation", "%", 91, 100, 0},
    {"72514-3", "Pain score", "{score}", 0, 9, 0},
    {"8331-1", "Oral temperature", "Cel", 361, 392, 1},
    {"8280-0", "Waist circumference", "cm", 620, 1310, 1},
};

static const struct ehr_record_concept lab_tests[] = {
    {"2093-3", "Total cholesterol", "mg/dL", 1250, 2990, 1},
    {"2571-8", "Triglycerides", "mg/dL", 550, 3900, 1},
    {"18262-6", "LDL cholesterol, direct", "mg/dL", 480, 1990, 1},
    {"2085-9", "HDL cholesterol", "mg/dL", 280, 880, 1},
    {"2339-0", "Glucose in blood", "mg/dL", 640, 2100, 1},
    {"6299-2", "Urea nitrogen in blood", "mg/dL", 60, 340, 1},
    {"38483-4", "Creatinine in blood", "mg/dL", 55, 240, 2},
    {"49765-1", "Calcium in blood", "mg/dL", 840, 1060, 2},
    {"2947-0", "Sodium in blood", "mmol/L", 1320, 1470, 1},
    {"6298-4", "Potassium in blood", "mmol/L", 330, 560, 2},
    {"2069-3", "Chloride in blood", "mmol/L", 960, 1110, 1},
    {"20565-8", "Carbon dioxide in blood", "mmol/L", 190, 300, 1},
    {"6690-2", "Leukocytes", "10*3/uL", 31, 148, 1},
    {"789-8", "Erythrocytes", "10*6/uL", 360, 590, 2},
    {"718-7", "Hemoglobin", "g/dL", 98, 178, 1},
    {"4544-3", "Hematocrit", "%", 300, 520, 1},
    {"787-2", "Mean corpuscular volume", "fL", 760, 1020, 1},
    {"785-6", "Mean corpuscular hemoglobin", "pg", 240, 350, 1},
    {"786-4", "Mean corpuscular hemoglobin concentration", "g/dL", 310, 370, 1},
    {"21000-5", "Erythrocyte distribution width", "fL", 350, 500, 1},
    {"777-3", "Platelets", "10*3/uL", 130, 460, 0},
    {"32207-3", "Platelet distribution width", "fL", 90, 170, 1},
    {"32623-1", "Mean platelet volume", "fL", 72, 126, 1},
    {"4548-4", "Hemoglobin A1c", "%", 45, 112, 1},
    {"33914-3", "Estimated GFR", "mL/min/{1.73_m2}", 280, 1240, 1},
    {"14959-1", "Urine albumin to creatinine ratio", "mg/g", 12, 2600, 1},
    {"1742-6", "Alanine aminotransferase", "U/L", 7, 96, 0},
    {"1920-8", "Aspartate aminotransferase", "U/L", 8, 88, 0},
    {"6768-6", "Alkaline phosphatase", "U/L", 34, 168, 0},
    {"1975-2", "Total bilirubin", "mg/dL", 2, 26, 1},
    {"1968-7", "Direct bilirubin", "mg/dL", 0, 9, 1},
    {"2885-2", "Total protein", "g/dL", 58, 86, 1},
    {"1751-7", "Albumin", "g/dL", 31, 53, 1},
    {"3016-3", "Thyrotropin", "m[IU]/L", 20, 960, 2},
    {"3024-7", "Free thyroxine", "ng/dL", 60, 210, 2},
    {"3053-6", "Triiodothyronine", "ng/dL", 70, 205, 0},
    {"770-8", "Neutrophils", "%", 380, 790, 1},
    {"736-9", "Lymphocytes", "%", 130, 480, 1},
    {"5905-5", "Monocytes", "%", 20, 120, 1},
    {"713-8", "Eosinophils", "%", 0, 80, 1},
    {"706-2", "Basophils", "%", 0, 20, 1},
    {"5811-5", "Urine specific gravity", "{ratio}", 1003, 1034, 3},
    {"5803-2", "Urine pH", "[pH]", 48, 84, 1},
    {"5792-7", "Urine glucose", "mg/dL", 0, 300, 0},
    {"5804-0", "Urine protein", "mg/dL", 0, 140, 0},
    {"5797-6", "Urine ketones", "mg/dL", 0, 60, 0},
    {"5902-2", "Prothrombin time", "s", 105, 290, 1},
    {"6301-6", "INR", "{INR}", 90, 360, 2},
    {"3173-2", "Activated partial thromboplastin time", "s", 230, 480, 1},
    {"2498-4", "Iron", "ug/dL", 30, 190, 0},
    {"2276-4", "Ferritin", "ng/mL", 9, 420, 0},
    {"2500-7", "Iron binding capacity", "ug/dL", 210, 480, 0},
    {"1988-5", "C-reactive protein", "mg/L", 2, 940, 1},
    {"4537-7", "Erythrocyte sedimentation rate", "mm/h", 1, 78, 0},
    {"2132-9", "Vitamin B12", "pg/mL", 160, 980, 0},
    {"2284-8", "Folate", "ng/mL", 28, 224, 1},
    {"1989-3", "Vitamin D3, 25-hydroxy", "ng/mL", 90, 680, 1},
    {"3084-1", "Urate", "mg/dL", 24, 98, 1},
    {"19123-9", "Magnesium", "mg/dL", 15, 27, 1},
    {"2777-1", "Phosphate", "mg/dL", 22, 51, 1},
    {"10839-9", "Troponin I", "ng/mL", 0, 240, 2},
    {"33762-6", "NT-proBNP", "pg/mL", 20, 2900, 0},
    {"2857-1", "Prostate specific antigen", "ng/mL", 10, 980, 2},
};

static const struct ehr_record_concept panels[] = {
    {"57698-3", "Lipid panel", NULL, 0, 0, 0},
    {"51990-0", "Basic metabolic panel", NULL, 0, 0, 0},
    {"58410-2", "Complete blood count", NULL, 0, 0, 0},
    {"24325-3", "Hepatic function panel", NULL, 0, 0, 0},
    {"57023-4", "Differential count", NULL, 0, 0, 0},
    {"24356-8", "Urinalysis", NULL, 0, 0, 0},
};

static const struct ehr_record_lab_group lab_groups[] = {
    {0, 4, 0},   {4, 8, 1},   {12, 11, 2}, {23, 3, -1}, {26, 7, 3},
    {33, 3, -1}, {36, 5, 4},  {41, 5, 5},  {46, 3, -1}, {49, 3, -1},
    {52, 2, -1}, {54, 3, -1}, {57, 3, -1}, {60, 2, -1}, {62, 1, -1},
};

static const struct {
    const struct ehr_record_concept *table;
    size_t count;
    enum ehr_record_system system;
} kinds[EHR_RECORD_KIND_LAST + 1] = {
    [EHR_RECORD_KIND_AMBULATORY] = {ambulatory, COUNT(ambulatory), EHR_RECORD_SYSTEM_SNOMED},
    [EHR_RECORD_KIND_EMERGENCY] = {emergency, COUNT(emergency), EHR_RECORD_SYSTEM_SNOMED},
    [EHR_RECORD_KIND_INPATIENT] = {inpatient, COUNT(inpatient), EHR_RECORD_SYSTEM_SNOMED},
    [EHR_RECORD_KIND_CONDITION] = {conditions, COUNT(conditions), EHR_RECORD_SYSTEM_SNOMED},
    [EHR_RECORD_KIND_PROCEDURE] = {procedures, COUNT(procedures), EHR_RECORD_SYSTEM_SNOMED},
    [EHR_RECORD_KIND_MEDICATION] = {medications, COUNT(medications), EHR_RECORD_SYSTEM_RXNORM},
    [EHR_RECORD_KIND_VACCINE] = {vaccines, COUNT(vaccines), EHR_RECORD_SYSTEM_CVX},
    [EHR_RECORD_KIND_VITAL] = {vitals, COUNT(vitals), EHR_RECORD_SYSTEM_LOINC},
    [EHR_RECORD_KIND_LAB] = {lab_tests, COUNT(lab_tests), EHR_RECORD_SYSTEM_LOINC},
    [EHR_RECORD_KIND_PANEL] = {panels, COUNT(panels), EHR_RECORD_SYSTEM_LOINC},
};

const struct ehr_record_concept *ehr_record_vocabulary(enum ehr_record_kind kind, size_t *count)
{
    *count = kinds[kind].count;
    return kinds[kind].table;
}

const struct ehr_record_lab_group *ehr_record_lab_groups(size_t *count)
{
    *count = COUNT(lab_groups);
    return lab_groups;
}

enum ehr_record_system ehr_record_kind_system(enum ehr_record_kind kind)
{
    return kinds[kind].system;
}
