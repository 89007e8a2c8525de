/* A table in memory and a query with floating point. */
#include <sqlite3.h>
#include <stdio.h>

int main(void)
{
    sqlite3 *db;
    sqlite3_stmt *query;
    if (sqlite3_open(":memory:", &db)) return 1;
    if (sqlite3_exec(db, "create table t(x); insert into t values (1), (2.5), (4)", 0, 0, 0)) return 2;
    if (sqlite3_prepare_v2(db, "select sum(x), group_concat(x) from t", -1, &query, 0)) return 3;
    if (sqlite3_step(query) != SQLITE_ROW) return 4;
    printf("sqlite %s: %g (%s)\n", sqlite3_libversion(), sqlite3_column_double(query, 0), sqlite3_column_text(query, 1));
    sqlite3_finalize(query);
    return sqlite3_close(db);
}
