package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.RevisionId;

/** The comment of a column, which may be somebody else's as well. */
class AppliedFingerprintsTest {
    private static final String START =
            "keops-automigrate: fingerprints of the scripts that were applied. Leave these lines as they are.\n";
    private static final RevisionId A = new RevisionId("a");
    private static final RevisionId B = new RevisionId("b");
    private static final Fingerprint ONE = new Fingerprint(Fingerprint.ALGORITHM, "1");
    private static final Fingerprint TWO = new Fingerprint(Fingerprint.ALGORITHM, "2");
    private static final Fingerprint FOREIGN = new Fingerprint("sql-tokens-0", "1");

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "a comment", "a comment\n", "two\nlines"})
    void commentOfSomebodyElseIsKept(@Nullable String comment) {
        AppliedFingerprints none = AppliedFingerprints.parse(comment);
        assertThat(none.byRevision()).isEmpty();
        assertThat(none.text()).isEqualTo(comment);
        AppliedFingerprints some = none.with(B, TWO).with(A, ONE);
        String ours = START + "a sql-tokens-1:1\nb sql-tokens-1:2\n";
        assertThat(some.text()).isEqualTo(comment == null ? ours : comment + "\n" + ours);
        AppliedFingerprints parsed = AppliedFingerprints.parse(some.text());
        assertThat(parsed.byRevision()).isEqualTo(Map.of(A, ONE, B, TWO));
        assertThat(parsed.text()).isEqualTo(some.text());
        assertThat(parsed.with(A, null).with(B, null).text()).isEqualTo(comment);
    }

    /** Somebody may have edited it. */
    @Test
    void linesOfNoFormArePassedOver() {
        String text = "x" + START + "\n nothing ahead\nnoblank\na sql-tokens-1:1\nb no-colon\n";
        AppliedFingerprints parsed = AppliedFingerprints.parse(text);
        assertThat(parsed.comment()).isEqualTo("x");
        assertThat(parsed.byRevision()).isEqualTo(Map.of(A, ONE, B, new Fingerprint("", "no-colon")));
        assertThat(parsed.isComparable(B)).isFalse();
    }

    @Test
    void onlyWhatIsKnownIsCompared() {
        AppliedFingerprints applied = AppliedFingerprints.NONE.with(A, ONE).with(B, FOREIGN);
        assertThat(applied.changed(A, ONE)).isFalse();
        assertThat(applied.changed(A, TWO)).isTrue();
        assertThat(applied.changed(A, null)).isTrue();
        assertThat(applied.changed(B, ONE)).isFalse();
        assertThat(applied.changed(new RevisionId("c"), ONE)).isFalse();
        assertThat(applied.isComparable(A)).isTrue();
        assertThat(applied.isComparable(B)).isFalse();
        assertThat(applied.isComparable(new RevisionId("c"))).isFalse();
    }

    @Test
    void othersTakeThePlaceOfAll() {
        AppliedFingerprints applied = new AppliedFingerprints(new TreeMap<>(Map.of(A, ONE)), "a comment");
        assertThat(applied.replacedBy(Map.of(B, TWO)))
                .isEqualTo(new AppliedFingerprints(new TreeMap<>(Map.of(B, TWO)), "a comment"));
    }
}
