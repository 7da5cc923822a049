package org.keops.automigrate.script;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;

/**
 * Splits any scripts as psql does: those below the directory that {@code -Dpsql.corpus=…} names. What is for psql alone is
 * taken out before.
 */
class PsqlCorpusTest {
    /** These send what was read so far, as a semicolon does. */
    private static final Set<String> SENDERS =
            Set.of("g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", ";", "bind", "parse", "bind_named");

    @TestFactory
    Stream<DynamicTest> scripts() throws IOException {
        String corpus = System.getProperty("psql.corpus", "");
        assumeTrue(Psql.isHere() && !corpus.isEmpty(), "no psql on the PATH, or no -Dpsql.corpus=directory");
        try (Stream<Path> files = Files.walk(Path.of(corpus))) {
            List<Path> scripts = files.filter(file -> file.toString().endsWith(".sql") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
            return scripts.stream()
                    .map(file -> DynamicTest.dynamicTest(
                            file.toString(),
                            () -> PsqlAgreementTest.compare(withoutMetaCommands(file), file.toString())));
        }
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static String withoutMetaCommands(Path file) throws IOException {
        StringBuilder text = new StringBuilder(text(file).replaceAll(":(?=['\"A-Z])", ": ")); // its variables
        for (Problem problem = problem(text); problem != null; problem = problem(text)) {
            if (!problem.what().contains("is for psql")) {
                System.out.println(file + " " + problem);
                return text.toString()
                        .replaceAll("(?m)(?<=^|;|[ \\t])\\\\[a-z!?].*$", " "); // nobody can say what is a command
            }
            int from = offset(text, problem.where());
            int line = text.indexOf("\n", from);
            int end = line < 0 ? text.length() : line;
            String[] words = text.substring(from + 1, end).split("[^a-z_;]", 2);
            boolean separator = words[0].startsWith(";");
            text.replace(from, separator ? from + 2 : end, SENDERS.contains(words[0]) || separator ? ";" : "");
        }
        return text.toString();
    }

    private static @Nullable Problem problem(StringBuilder text) {
        return Scripts.readAll(new ByteArrayInputStream(Scripts.utf8(text.toString())))
                .problem();
    }

    private static int offset(StringBuilder text, Location where) {
        int at = 0;
        for (int line = 1; line < where.line(); at++) {
            char c = text.charAt(at);
            boolean pair = c == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
            line += c == '\n' || (c == '\r' && !pair) ? 1 : 0;
        }
        return text.offsetByCodePoints(at, where.column() - 1);
    }
}
