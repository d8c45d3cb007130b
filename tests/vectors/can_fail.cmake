# Gives ehr_vectors directories it must complain about, and checks how it does.
include(${CMAKE_CURRENT_LIST_DIR}/expect.cmake)

# The file of a directory of its own, with one member of its first case replaced.
function(alter name file value)
    file(READ ${VECTORS}/${file} json)
    string(JSON json SET "${json}" cases 0 ${ARGN} "${value}")
    file(WRITE ${SCRATCH}/${name}/${file} "${json}")
endfunction()

file(REMOVE_RECURSE ${SCRATCH})

# One hex digit of an expected result flipped.
file(READ ${VECTORS}/merkle.json json)
string(JSON root GET "${json}" cases 0 out root)
digit_flip(root "${root}")
alter(flipped merkle.json "\"${root}\"" out root)
expect(flipped 1 "1 disagreed")

# A status that is not the one returned; a result nobody gives; draws left over, and too few.
alter(status merkle.json "\"MERKLE\"" status)
expect(status 1 "expected MERKLE, found OK")
alter(extra merkle.json "\"00\"" out unknown)
expect(extra 1 "found    nothing")
alter(leftover merkle.json "\"00\"" random)
expect(leftover 1 "1 bytes given, 0 drawn")
alter(starved index.json "\"\"" random)
file(READ ${VECTORS}/record.json json)
string(REGEX REPLACE "(\"random\": *\")[0-9a-f][0-9a-f]" "\\1" json "${json}")
file(WRITE ${SCRATCH}/starved/record.json "${json}")
expect(starved 1 "more asked for")

# Files that are none, or hold nothing.
alter(malformed merkle.json "\"0g\"" in leaves 0)
expect(malformed 2 "not lower-case hex")
file(WRITE ${SCRATCH}/broken/a.json "{\"cases\": [")
expect(broken 2 "not JSON")
file(WRITE ${SCRATCH}/empty/readme.txt "")
expect(empty 2 "0 agreed, 0 disagreed, 0 skipped")
expect(absent 2 "No such file")
