package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.TransactionMode;

/** By it a boot knows whether the part of a script that an interrupted one has run is still the same. */
class SectionFingerprintTest {
    private static final Revision REVISION = new Revision(
            new RevisionId("a"), List.of(), List.of(), List.of(), "", TransactionMode.NONE, Location.of("a.sql"));
    private static final String COPY = "A;COPY t FROM STDIN;\n1\n2\n\\.\nB;";

    @Test
    void whatStandsBetweenDoesNotCount() throws IOException {
        assertThat(of("/* x */\nA ;\n;-- y\nB", 9)).isEqualTo(of("A;B", 9));
        assertThat(of("-- y\n" + COPY, 9)).isEqualTo(of(COPY, 9));
    }

    @Test
    void everythingElseCounts() throws IOException {
        assertThat(List.of(
                        of("A;B", 9),
                        of("A B", 9),
                        of("AB", 9),
                        of("A;B;", 1),
                        of("A /**/;b", 9),
                        of(COPY, 9),
                        of(COPY.replace("1\n2", "1\n3"), 9),
                        of(COPY.replace("1\n2\n", "1\n"), 9),
                        of("A;COPY t FROM STDIN;\n\\.\n1\n2\nB;", 9),
                        of("", 9)))
                .doesNotHaveDuplicates();
    }

    @Test
    void nothingBehindTheLimitIsRead() throws IOException {
        assertThat(of("A;B;'", 2)).isEqualTo(of("A;B", 9));
        assertThat(of("A;B", 9).statements()).isEqualTo(2);
        assertThat(of("'", 0)).isEqualTo(of("", 9));
        assertThat(of(COPY, 2)).isEqualTo(of(COPY.replace("B;", ""), 9));
    }

    /** It was stored by boots of earlier releases. */
    @Test
    void isWhatItWas() throws IOException {
        assertThat(of(COPY, 9))
                .isEqualTo(
                        new SectionFingerprint("29bec64fc03f223c34e7b0619ca9a9af6eba43179fdf6ba668505edcbf947355", 3));
    }

    @Test
    void sectionAndSettingCount() throws IOException {
        String script = "A;\n-- downgrade\nSELECT '\\';';";
        ScriptBodies bodies = revision -> new ByteArrayInputStream(Scripts.utf8(script));
        assertThat(SectionFingerprint.of(REVISION, bodies, Section.DOWNGRADE, false, 9)
                        .statements())
                .isEqualTo(1);
    }

    private static SectionFingerprint of(String script, int limit) throws IOException {
        return SectionFingerprint.of(
                REVISION, revision -> new ByteArrayInputStream(Scripts.utf8(script)), Section.UPGRADE, true, limit);
    }
}
