package org.keops.automigrate.drawing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.DrawingFormat;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.testing.Scripts;

/** The pictures, approved by eye: after a change that is meant, run with {@code -Dapprove=true} and look at them. */
class DrawingTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));
    private static final Path APPROVED = ROOT.resolve("keops-automigrate-core/src/test/resources/drawing");

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(DrawingFormat.class)
    void aBranchedHistory(DrawingFormat format) throws IOException {
        Migrator migrator = branched();
        approve("branched", format, migrator.draw(format, ":", ids("c1c1", "bill2")));
    }

    @ParameterizedTest
    @EnumSource(DrawingFormat.class)
    void keopsLine(DrawingFormat format) throws IOException {
        String scripts = "keops-automigrate-examples/keops-bootstrap/src/main/resources/alembic/versions";
        Migrator migrator = AutoMigrator.configure()
                .scripts(ROOT.resolve(scripts).toString())
                .build();
        String drawn = migrator.draw(format, ":", ids("64d08233eefa"));
        if (format == DrawingFormat.SVG) {
            approve(ROOT.resolve("docs/keops-history.svg"), drawn);
        } else {
            approve("keops", format, drawn);
        }
    }

    @Test
    void manyLanes() throws IOException {
        Scripts scripts = new Scripts(directory).add("root", "", "");
        for (int i = 1; i <= 4; i++) {
            scripts.add("b" + i, "root", "").add("t" + i, "b" + i, "");
        }
        scripts.add("merge", "t1, t3, t4", "").add("more", "merge", "").add("last", "t2, more", "");
        approve("many", DrawingFormat.TEXT, migrator().draw(DrawingFormat.TEXT, ":", ids()));
        approve("many", DrawingFormat.SVG, migrator().draw(DrawingFormat.SVG, ":", ids()));
    }

    @Test
    void aPartOfTheHistoryIsDrawnWithoutTheRest() throws IOException {
        assertThat(branched().draw(DrawingFormat.TEXT, "bbbb:c1c1", ids())).isEqualTo("""
                ○  c1c1, Revision c1c1
                ○  bbbb, Revision bbbb
                """);
    }

    @Test
    void whatStandsInIdsAndMessagesIsText() throws Exception {
        new Scripts(directory)
                .file("a.sql", "-- say \"<b>&amp;\\n#1;\" ]\n--\n-- Revision ID: a\"<&\\#\n-- Revises:\n\n");
        for (DrawingFormat format : DrawingFormat.values()) {
            approve("hostile", format, migrator().draw(format, ":", ids()));
        }
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        var document = builder.parse(APPROVED.resolve("hostile.svg").toFile());
        assertThat(document.getElementsByTagName("text").item(0).getTextContent())
                .isEqualTo("a\"<&\\# (head) say \"<b>&amp;\\n#1;\" ]");
    }

    private Migrator branched() {
        new Scripts(directory)
                .add("aaaa", "", "")
                .add("bbbb", "aaaa", "")
                .add("c1c1", "bbbb", "")
                .add("c2c2", "bbbb", "-- Branch Labels: side", "")
                .add("d2d2", "c2c2", "")
                .add("mmmm", "c1c1, d2d2", "")
                .add("bill1", "", "-- Branch Labels: billing", "")
                .add("bill2", "bill1", "-- Depends On: side", "")
                .add("nnnn", "mmmm", "");
        return migrator();
    }

    private Migrator migrator() {
        return AutoMigrator.configure().scripts(directory.toString()).build();
    }

    private static Set<RevisionId> ids(String... ids) {
        return List.of(ids).stream().map(RevisionId::new).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void approve(String name, DrawingFormat format, String drawn) throws IOException {
        approve(APPROVED.resolve(name + "." + format.name().toLowerCase(Locale.ROOT)), drawn);
    }

    private static void approve(Path file, String drawn) throws IOException {
        if (Boolean.getBoolean("approve")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, drawn);
        }
        assertThat(file).content().isEqualTo(drawn);
    }
}
