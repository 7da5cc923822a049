package org.keops.automigrate.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.Obstacle;

/** The documents say what is so: their Java is that of tests, their links lead somewhere. */
class DocumentationTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));
    private static final Path TESTS = ROOT.resolve("keops-automigrate-core/src/test/java/org/keops/automigrate");

    @ParameterizedTest
    @CsvSource({
        "README.md, docs/SnippetsTest",
        "docs/guide.md, docs/SnippetsTest",
        "docs/permissions.md, permissions/RecipeTest"
    })
    void everyLineOfJavaIsCompiledAndRun(String document, String test) throws IOException {
        List<String> snippets = blocks(document, "java");
        assertThat(snippets).isNotEmpty();
        String tested = normalised(Files.readString(TESTS.resolve(test + ".java")));
        assertThat(snippets).allSatisfy(snippet -> assertThat(tested).contains(normalised(snippet)));
    }

    @Test
    void linksBetweenDocumentsLeadSomewhere() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        for (Path document : documents) {
            for (String link : links(Files.readString(document))) {
                assertThat(document.resolveSibling(link))
                        .as("%s in %s", link, document)
                        .exists();
            }
        }
    }

    @Test
    void theGuideNamesTheKeyOfTheLock() throws IOException {
        assertThat(ROOT.resolve("docs/guide.md")).content().contains(String.valueOf(AutoMigrator.LOCK_KEY));
    }

    @ParameterizedTest
    @EnumSource
    void thePageOfFailuresNamesEachReason(Obstacle reason) throws IOException {
        assertThat(ROOT.resolve("docs/failures.md")).content().contains("| `" + reason + "` |");
    }

    private static List<String> blocks(String document, String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        String text = Files.readString(ROOT.resolve(document));
        String fence = "```" + language + "\n";
        for (int at = text.indexOf(fence); at >= 0; at = text.indexOf(fence, at + 1)) {
            int start = at + fence.length();
            blocks.add(text.substring(start, text.indexOf("```", start)));
        }
        return blocks;
    }

    private static List<String> links(String text) {
        List<String> links = new ArrayList<>();
        for (int at = text.indexOf("]("); at >= 0; at = text.indexOf("](", at + 1)) {
            String link = text.substring(at + 2, text.indexOf(')', at));
            if (!link.startsWith("http") && !link.startsWith("#")) {
                links.add(link.contains("#") ? link.substring(0, link.indexOf('#')) : link);
            }
        }
        return links;
    }

    private static String normalised(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }
}
