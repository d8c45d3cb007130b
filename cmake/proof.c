/* Links a whole library with its declared dependencies and nothing else; see library.cmake. */
int main(void)
{
    return 0;
}
