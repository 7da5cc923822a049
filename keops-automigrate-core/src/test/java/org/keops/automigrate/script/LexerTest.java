package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens, each in brackets, as scan.l of PostgreSQL cuts them. */
class LexerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a1$b été _ é|WORD[a1$b] WORD[été] WORD[_] WORD[é]",
                "b x e n u|WORD[b] WORD[x] WORD[e] WORD[n] WORD[u]",
                "be'a' xb'1'|WORD[be] STRING['a'] WORD[xb] STRING['1']",
                "e'a' E'b' b'1' B'1' x'1' X'1' n'a' N'a'|STRING[e'a'] STRING[E'b'] STRING[b'1'] STRING[B'1'] STRING[x'1'] STRING[X'1'] STRING[n'a'] STRING[N'a']",
                "u'a' U&'a' u&'a'|WORD[u] STRING['a'] STRING[U&'a'] STRING[u&'a']",
                "u&\"a\" u\"a\" u&a u&|QUOTED_IDENTIFIER[u&\"a\"] WORD[u] QUOTED_IDENTIFIER[\"a\"] WORD[u] SYMBOL[&] WORD[a] WORD[u] SYMBOL[&]",
                "e&\"a\" e&'a' ua&\"a\"|WORD[e] SYMBOL[&] QUOTED_IDENTIFIER[\"a\"] WORD[e] SYMBOL[&] STRING['a'] WORD[ua] SYMBOL[&] QUOTED_IDENTIFIER[\"a\"]",
                "1 12 1.5 1. .5 1.5e3 1e3 0x1F 1_000|NUMBER[1] NUMBER[12] NUMBER[1.5] NUMBER[1.] SYMBOL[.] NUMBER[5] NUMBER[1.5e3] NUMBER[1e3] NUMBER[0x1F] NUMBER[1_000]",
                "1..2 1.5.2|NUMBER[1] SYMBOL[.] SYMBOL[.] NUMBER[2] NUMBER[1.5] SYMBOL[.] NUMBER[2]",
                "1é 1a$b 1.a|NUMBER[1é] NUMBER[1a$b] NUMBER[1.a]",
                "1'a' 1\"a\" 1$a$b$a$|NUMBER[1] STRING['a'] NUMBER[1] QUOTED_IDENTIFIER[\"a\"] NUMBER[1] STRING[$a$b$a$]",
                "$1 $12a $1+ $1$2|NUMBER[$1] NUMBER[$12a] NUMBER[$1] SYMBOL[+] NUMBER[$1] NUMBER[$2]",
                "$ $a $-$$$|SYMBOL[$] SYMBOL[$] WORD[a] SYMBOL[$] SYMBOL[-]", // and what is not ended
                "$$a$$ $a1_é$ $$ $a1_é$|STRING[$$a$$] STRING[$a1_é$ $$ $a1_é$]",
                "(a);\\{}[].,:|OPEN[(] WORD[a] CLOSE[)] SEMICOLON[;] BACKSLASH[\\] SYMBOL[{] SYMBOL[}] SYMBOL[[] SYMBOL[]] SYMBOL[.] SYMBOL[,] SYMBOL[:]",
                "a--b|WORD[a]",
                "a/**/b/*/**/*/c|WORD[a] WORD[b] WORD[c]",
                "a-/b*|WORD[a] SYMBOL[-] SYMBOL[/] WORD[b] SYMBOL[*]",
                "x'1''a'|STRING[x'1'] STRING['a']",
                "\"a\"\"b\"c|QUOTED_IDENTIFIER[\"a\"\"b\"] WORD[c]",
            })
    void textIsCutAsTheServerCutsIt(String text, String tokens) {
        assertThat(Lexemes.of(text, true).stream()
                        .map(lexeme -> lexeme.token() + "[" + lexeme.in(text) + "]")
                        .collect(Collectors.joining(" ")))
                .isEqualTo(tokens);
    }
}
