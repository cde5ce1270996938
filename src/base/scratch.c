#include "base/scratch.h"

unsigned char *eko_scratch(lua_State *L, unsigned char *on_stack, size_t need)
{
    return need <= EKO_STACK_BYTES ? on_stack : lua_newuserdatauv(L, need, 0);
}
