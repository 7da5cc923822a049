package org.keops.automigrate.python;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.keops.automigrate.python.PythonToken.Kind;

/**
 * Cuts Python into tokens, after "Lexical analysis" of the Python language reference: enough of it to find assignments of
 * literals and not to be misled by strings, comments, brackets and continued lines. For one text.
 */
final class PythonLexer {
    private final String text;
    private final List<PythonToken> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int brackets;
    private boolean margin = true;

    private PythonLexer(String text) {
        this.text = text;
    }

    static List<PythonToken> tokens(String text) {
        PythonLexer lexer = new PythonLexer(text);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n' || c == '\r') {
                lineBreak();
            } else if (c == '#') {
                skipComment();
            } else if (c == '\\' && at + 1 < text.length() && isBreak(text.charAt(at + 1))) {
                at++;
                passBreak();
            } else if (Character.isWhitespace(c)) {
                at++;
                margin &= c == '\f'; // the indentation begins anew behind a form feed
            } else {
                token(c);
                margin = false;
            }
        }
        add(Kind.END_OF_LINE, "", line, false);
    }

    private void token(char c) {
        int start = at;
        boolean first = margin && brackets == 0;
        if (isQuote(c)) {
            string("", first);
        } else if (Character.isJavaIdentifierPart(c)) {
            while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
                at++;
            }
            String word = text.substring(start, at);
            if (at < text.length()
                    && isQuote(text.charAt(at))
                    && word.toLowerCase(Locale.ROOT).matches("[rbuft]{1,2}")) {
                string(word.toLowerCase(Locale.ROOT), first);
            } else {
                add(Kind.WORD, word, line, first);
            }
        } else {
            brackets += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 && brackets > 0 ? -1 : 0;
            at++;
            // == is no assignment, nor are <=, += and their like
            boolean comparison = at < text.length() && text.charAt(at) == '=' && "=!<>+-*/%&|^@:".indexOf(c) >= 0;
            at += comparison ? 1 : 0;
            add(Kind.OPERATOR, text.substring(start, at), line, first);
        }
    }

    private void string(String prefix, boolean first) {
        int began = line;
        char quote = text.charAt(at);
        boolean triple = text.startsWith(String.valueOf(quote).repeat(3), at);
        int length = triple ? 3 : 1;
        at += length;
        PythonString value = new PythonString(prefix.indexOf('r') >= 0);
        while (at < text.length() && !text.startsWith(String.valueOf(quote).repeat(length), at)) {
            char c = text.charAt(at);
            if (isBreak(c)) {
                if (!triple) {
                    break; // Python would refuse the file; what follows is read as code again
                }
                passBreak();
                value.plain('\n');
            } else if (c == '\\' && at + 1 < text.length()) {
                if (isBreak(text.charAt(at + 1))) {
                    at++;
                    passBreak();
                    value.continued();
                } else {
                    at = value.escape(text, at);
                }
            } else {
                value.plain(c);
                at++;
            }
        }
        at = Math.min(text.length(), at + length);
        boolean computed = prefix.indexOf('f') >= 0 || prefix.indexOf('t') >= 0 || prefix.indexOf('b') >= 0;
        add(computed || value.odd() ? Kind.ODD_STRING : Kind.STRING, value.text(), began, first);
    }

    private void lineBreak() {
        if (brackets == 0) {
            add(Kind.END_OF_LINE, "", line, false);
        }
        passBreak();
        margin = true;
    }

    private void passBreak() {
        boolean pair = text.charAt(at) == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
        at += pair ? 2 : 1;
        line++;
    }

    private void skipComment() {
        while (at < text.length() && !isBreak(text.charAt(at))) {
            at++;
        }
    }

    private void add(Kind kind, String value, int where, boolean first) {
        tokens.add(new PythonToken(kind, value, where, first));
    }

    private static boolean isQuote(char c) {
        return c == '\'' || c == '"';
    }

    private static boolean isBreak(char c) {
        return c == '\n' || c == '\r';
    }
}
