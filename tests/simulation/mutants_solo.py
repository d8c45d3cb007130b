"""The solo engine, broken one rule at a time (mutants.py)."""

MUTANTS = [
    ("decision not persisted",
     ("solo.c", "    ehr_effect_persist(e->out, EHR_ENGINE_PRE_PREPARE, 0, height, block);\n", "")),
    ("decisions forgotten by a restart",
     ("solo.c", "i = 0; sequencer(e) && i <", "i = 0; !sequencer(e) && i <")),
    ("followers decide, too",
     ("solo.c", "    if (!sequencer(e) || e->committed", "    if (e->committed")),
    ("checkpoint at every height",
     ("solo.c", "sequencer(e) && height % e->config.checkpoint_interval == 0",
      "sequencer(e) && height % e->config.checkpoint_interval != 0")),
    ("never fetches a state",
     ("solo.c", "if (e->checkpoint <= e->committed ||", "if (e->checkpoint > 0 ||")),
    ("heights left out",
     ("solo.c", "    e->committed = slot->height;", "    e->committed = slot->height + 1;")),
    ("execution not noticed",
     ("solo.c", "    e->executed = height;\n    if (sequencer(e) && height %",
      "    if (sequencer(e) && height %")),
    ("chain forgotten by a restart",
     ("solo.c", "    e->committed = e->executed = event->as.start.height;",
      "    e->committed = e->executed = 0;")),
]
