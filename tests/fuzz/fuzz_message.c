/* Arbitrary bytes as a message: never a crash or a leak; what is accepted encodes to the same
 * bytes, and refused bytes leave nothing behind. */
#include "sim/ledger/message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "sim/ledger/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    ehr_crypto_init(); /* a block's hash is part of its decoding */
    struct ehr_message *message = NULL;
    enum ehr_status status = ehr_message_decode(data, bytes, &message);
    assert((status == EHR_OK) == (message != NULL));
    if (message != NULL) {
        assert(message->size == bytes && ehr_message_seal(message)->size == bytes);
        uint8_t *again = malloc(bytes);
        ehr_message_encode(message, again);
        assert(memcmp(again, data, bytes) == 0);
        free(again);
        ehr_message_unref(message);
    }
    assert(ehr_pool_alive() == 0);
    return 0;
}
