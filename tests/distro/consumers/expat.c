/* Counts the elements of a document. */
#include <expat.h>
#include <stdio.h>
#include <string.h>

static void XMLCALL start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    (void)name, (void)attributes;
    ++*(int *)data;
}

int main(void)
{
    const char *text = "<a><b x='1'/><b>&#228;</b></a>";
    int count = 0;
    XML_Parser parser = XML_ParserCreate(NULL);
    XML_SetUserData(parser, &count);
    XML_SetStartElementHandler(parser, start);
    if (XML_Parse(parser, text, (int)strlen(text), 1) != XML_STATUS_OK) return 1;
    XML_ParserFree(parser);
    printf("%s: %d elements\n", XML_ExpatVersion(), count);
    return count != 3;
}
