package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.cli.Tool.Answer;

/** What can not be understood is 64, and says what was not. */
class MistypedTest extends TwoRevisions {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nosuch",
                "upgrade",
                "upgrade nosuch",
                "upgrade head --nosuch",
                "downgrade typo@base",
                "show nosuch",
                "history -r nonsense",
                "history -r bbbb:aaaa",
                "upgrade head --wait-for-lock soon",
                "upgrade head --wait-for-lock -1",
                "run --when-unversioned stamp-haed",
                "run --when-unversioned=",
                "run --version-table=",
                "stamp",
                "heads extra",
                "upgrade head --password-file /no/such/file",
                "upgrade head --password",
                "upgrade head --url jdbc:mysql://x/y",
                "upgrade head --url jdbc:postgresql://x/y?password=secret",
                "upgrade head --url postgresql://me:secret@x/y"
            })
    void whatCanNotBeUnderstoodIs64(String arguments) {
        Answer answer = new Tool()
                .of(database)
                .run((arguments + " --scripts=" + directory).strip().split(" "));
        assertThat(answer.code()).as(answer.err()).isEqualTo(64);
        assertThat(answer.err()).isNotBlank().doesNotContain("secret", "Exception");
        assertThat(answer.out()).isEmpty();
    }

    @Test
    void aValueThatIsMistypedIsNamedWithItsOption() {
        assertThat(tool.run("run", "--when-unversioned", "stamp-haed").err())
                .contains("--when-unversioned: ", "stamp-haed", "stamp-head (the default), upgrade-from-base");
        assertThat(tool.run("current", "--version-table", "").err()).contains("--version-table: ");
    }

    @Test
    void aVerbThatIsMistypedIsNamedWithThoseThatThereAre() {
        assertThat(tool.run("upgarde", "head").err()).contains("'upgarde'; did you mean upgrade");
        assertThat(tool.run("xyzzy").err()).contains("'xyzzy'; the verbs are run, plan, upgrade, ");
        assertThat(new Tool().run().err()).contains("the verbs are run, plan, upgrade, ");
        assertThat(new Tool().run("--scripts", "x", "upgrade", "head").err())
                .contains("'--scripts'", "a verb comes first");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "upgrade --bogus head",
                "upgrade head --bogus",
                "upgrade --bogus",
                "downgrade --bogus -1",
                "stamp --bogus head",
                "merge --bogus",
                "sql --bogus aaaa:bbbb",
                "show --bogus head",
                "heads --bogus"
            })
    void anOptionThatIsMistypedIsNamed(String arguments) {
        tool.run("upgrade", "aaaa");
        Answer answer = tool.run(arguments.split(" "));
        assertAnswer(answer, 64, "");
        assertThat(answer.err()).startsWith("Unknown option: '--bogus'");
        assertAnswer(tool.run("current"), 0, "aaaa\n");
    }

    @Test
    void aTargetThatDoesNotFitIsSaidInJsonToo() {
        Answer answer = tool.run("upgrade", "nosuch", "--json");
        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.out()).startsWith("{\"exitCode\":64,\"error\":\"can't locate 'nosuch'");
    }
}
