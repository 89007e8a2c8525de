/* Runs a script whose error unwinds through C. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

int main(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (luaL_dostring(L, "local ok, what = pcall(error, 'oops') return _VERSION .. ': ' .. what .. string.format(' %.3f', 2^0.5)")) return 1;
    puts(lua_tostring(L, -1));
    lua_close(L);
    return 0;
}
