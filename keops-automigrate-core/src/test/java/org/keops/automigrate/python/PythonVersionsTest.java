package org.keops.automigrate.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.UnsoundScriptsException;

/** Revision files in every form that people write them, none of them run. */
class PythonVersionsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "down_revision = None                                              | []",
                "down_revision = 'a'                                               | [a]",
                "down_revision = \"a\"                                             | [a]",
                "down_revision='a' # the one before                                | [a]",
                "down_revision = ('a', 'b')                                        | [a, b]",
                "down_revision = ['a', \"b\",]                                     | [a, b]",
                "down_revision = 'a', 'b'                                          | [a, b]",
                "down_revision = ('a',)                                            | [a]",
                "down_revision = ('a')                                             | [a]",
                "down_revision = ()                                                | []",
                "down_revision = (None)                                            | []",
                "down_revision = ('ab' 'cd')                                       | [abcd]",
                "down_revision = (\\n    'ab'  # one\\n    'cd',\\n\\n  'e'\\n)    | [abcd, e]",
                "down_revision = \\\\\\n    'a'                                    | [a]",
                "down_revision: str = 'a'                                          | [a]",
                "down_revision: Union[str, Sequence[str], None] = 'a'              | [a]",
                "down_revision: 'Union[str, None]' = None                          | []",
                "down_revision: Dict[str, 'x=y'] = ['a']                           | [a]",
                "down_revision = '''a'''                                           | [a]",
                "down_revision = r'a\\b'                                           | [a\\b]",
                "down_revision = u'\\x61\\u00e9\\101\\''                           | [aéA']",
                "down_revision = parent = 'a'                                      | [a]",
                "x = 1; down_revision = 'a'; y = 2                                 | [a]",
                "down_revision = 'x'\\ndown_revision = 'a'                         | [a]",
                "'''\\ndown_revision = 'x'\\n'''\\ndown_revision = 'a'             | [a]",
                "# down_revision = 'x'\\ndown_revision = 'a'                       | [a]",
                "down_revision = 'a'\\ndef f():\\n    down_revision = 'x'            | [a]",
                "down_revision = 'a'\\ndef f(\\ndown_revision = 'x'\\n): pass      | [a]",
                "down_revision = 'a'\\nif down_revision == 'x': pass               | [a]",
                "down_revision = 'a'\\nif down_revision: x = down_revision         | [a]",
                "down_revision = 'a'\\ndef f(): down_revision = 'x'                | [a]",
                "down_revision = 'a'\\ndef f(): pass; down_revision = 'x'          | [a]",
                "down_revision = 'a'\\nmatch = 1; x = 2                            | [a]",
                "match = 1; down_revision = 'a'                                    | [a]",
                "x[down_revision] = 1; y(revision)[0] = 2; down_revision = 'a'     | [a]",
                "x = 1\\n\fdown_revision = 'a'                                          | [a]",
                "depends_on = 'x'\\ndel depends_on\\n\fdown_revision = 'a'          | [a]",
                "down_revision = 'a'\\ns = f'{down_revision}' + '\\\\'' + '#'      | [a]"
            })
    void literalsOfEveryForm(String python, String expected) throws IOException {
        // \n stands for a line break, so that a case is one line
        String text = python.replace("\\\\\\n", "\\\n").replace("\\n", "\n").replace("\\\\'", "\\'");
        assertThat(read("revision = 'r'\n" + text + "\n").downRevisions()).hasToString(expected);
        assertThat(read("revision = 'r'\r\n" + text.replace("\n", "\r\n") + "\r\n")
                        .downRevisions())
                .hasToString(expected);
    }

    @Test
    void labelsAndDependenciesAreRead() throws IOException {
        Revision revision = read("""
                # -*- coding: utf-8 -*-
                '''Add 'é' \\
                to a table

                Revision ID: somethingelse
                Revises: alsowrong
                Create Date: 2024-05-06 07:08:09.123456
                '''
                revision: str = "27c6a"
                down_revision = None
                branch_labels = ("shoppingcart",)
                depends_on = ["a", "b"]
                """);
        assertThat(revision.id()).hasToString("27c6a");
        assertThat(revision.branchLabels()).containsExactly("shoppingcart");
        assertThat(revision.dependsOn()).containsExactly("a", "b");
        assertThat(revision.message()).isEqualTo("Add 'é' to a table");
        assertThat(PythonVersions.read(directory).get(0).createDate()).isEqualTo("2024-05-06 07:08:09.123456");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "down_revision = None",
                "revision = None\ndown_revision = None",
                "revision = 'r'",
                "revision = 'r'\ndown_revision = PARENT",
                "revision = 'r'\ndown_revision = get('a')",
                "revision = 'r'\ndown_revision = 'a' + 'b'",
                "revision = 'r'\ndown_revision = f'{x}'",
                "revision = b'r'\ndown_revision = None",
                "revision = 'r'\ndown_revision = ('a', 1)",
                "revision = 'r'\ndown_revision = ,",
                "revision = 'r'\ndown_revision =",
                "revision = 'r'\ndown_revision = 'a'\nif X:\n    depends_on = 'b'",
                "revision = 'r'\ndown_revision = 'a'\ntry: pass\nexcept E:\n\tdown_revision: str = 'b'",
                "revision = 'r'\ndown_revision = ('a',)\ndown_revision += ('b',)",
                "revision = 'r'\ndown_revision = ('a',)\nif X:\n    down_revision += ('b',)",
                "print('hello')",
                ""
            })
    void whatIsNoRevisionIsSaid(String python) throws IOException {
        Files.writeString(directory.resolve("odd.py"), python);
        assertThatThrownBy(() -> PythonVersions.read(directory))
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("odd.py");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "if X: depends_on = 'b'                        | set inside of 'if'",
                "if X: y = 1; depends_on = 'b'                 | set inside of 'if'",
                "else: depends_on += ('b',)                    | set inside of 'else'",
                "for depends_on in ('b', 'c'): pass            | set inside of 'for'",
                "with f() as depends_on: pass                  | set inside of 'with'",
                "x, depends_on = 1, 'b'                        | assigned together with others",
                "(x, depends_on) = (1, 'b')                    | assigned together with others",
                "[*x, depends_on] = (1, 'b')                   | assigned together with others",
                "(depends_on) = 'b'                            | assigned together with others",
                "def f():\\n  global x, depends_on\\n  x = 'b'    | made a function's to set",
            })
    void aVariableThatIsSetInAWayThatIsNotReadIsNamedWithItsLine(String python, String expected) {
        assertThatThrownBy(() -> read("revision = 'r'\ndown_revision = 'a'\n" + python.replace("\\n", "\n") + "\n"))
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining(
                        "revision.py:" + (python.contains("\\n") ? 4 : 3) + ": depends_on is " + expected);
    }

    @Test
    void whatIsDeletedIsNotThere() throws IOException {
        assertThat(read("revision = 'r'\ndown_revision = None\nbranch_labels = 'x'\ndel branch_labels\n")
                        .branchLabels())
                .isEmpty();
    }

    @Test
    void whatAFunctionCallsTheSameIsItsOwn() throws IOException {
        Revision revision = read("""
                revision = 'r'
                down_revision = None
                if True:
                    other = 'x'
                    if revision == 'r': pass
                def upgrade():
                    revision = get()
                    depends_on += ('a',)
                """);
        assertThat(revision.id()).hasToString("r");
        assertThat(revision.dependsOn()).isEmpty();
    }

    @Test
    void everyFileWithAProblemIsNamed() throws IOException {
        Files.writeString(directory.resolve("a.py"), "x = 1");
        Files.write(directory.resolve("b.py"), new byte[] {'#', (byte) 0xff});
        Files.writeString(directory.resolve("c.py"), "# coding: nonsense\n");
        assertThatThrownBy(() -> PythonVersions.read(directory)).hasMessageContainingAll("a.py", "b.py", "c.py");
    }

    @Test
    void anotherEncodingIsRespected() throws IOException {
        Files.write(
                directory.resolve("a.py"),
                "# coding: latin-1\n'''é'''\nrevision='r'\ndown_revision=None\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(PythonVersions.read(directory).get(0).revision().message()).isEqualTo("é");
    }

    @Test
    void filesThatAlembicPassesByArePassedBy() throws IOException {
        Files.writeString(directory.resolve("__init__.py"), "");
        Files.writeString(directory.resolve(".#lock.py"), "");
        Files.writeString(directory.resolve("README"), "");
        Files.writeString(directory.resolve("z.py"), "revision='z'\ndown_revision='y'");
        Files.writeString(directory.resolve("y.py"), "revision='y'\ndown_revision=None");
        assertThat(PythonVersions.read(directory))
                .extracting(one -> one.revision().id().value())
                .containsExactly("y", "z");
        assertThatThrownBy(() -> PythonVersions.read(Files.createDirectory(directory.resolve("empty"))))
                .hasMessageContaining("no Python revision files");
    }

    @Test
    void codeThatAsksTheDatabaseIsNamed() throws IOException {
        read("""
                revision = 'r'
                down_revision = None
                def get_bind(): pass
                def upgrade():
                    # op.get_bind()
                    op.execute("SELECT get_bind()")
                    conn = op.get_bind()
                    for row in conn.execute(sa.text("SELECT 1")).fetchall():
                        session = Session(bind=conn)
                """);
        assertThat(PythonVersions.read(directory).get(0).liveData())
                .containsExactly(
                        "op.get_bind() in line 7",
                        "conn.execute() in line 8",
                        "fetchall() in line 8",
                        "Session() in line 9");
    }

    private Revision read(String python) throws IOException {
        Files.writeString(directory.resolve("revision.py"), python);
        List<PythonRevision> revisions = PythonVersions.read(directory);
        assertThat(revisions).hasSize(1);
        return revisions.get(0).revision();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OWN = 'expand' ; branch_labels = OWN",
                "OWN = 'expand' ; branch_labels = (OWN,)",
                "OWN = 'expand' ; branch_labels = OTHER = OWN",
                "from project.db import cli ; branch_labels = (cli.EXPAND,)",
                "from project.db import cli as c, x ; branch_labels = [c.EXPAND]",
                "from project.db.cli import (EXPAND, x) ; branch_labels = EXPAND",
                "from project.db.cli import EXPAND as E ; branch_labels = {E}",
                "import project.db.cli ; branch_labels = project.db.cli.EXPAND",
                "import os, project.db.cli as c ; branch_labels = c.EXPAND",
                "from .. import cli ; branch_labels = cli.EXPAND",
                "from ..cli import EXPAND ; branch_labels = EXPAND",
                "from project import db ; branch_labels = db.EXPAND",
            })
    void constantsAreLookedUp(String python) throws IOException {
        Path versions = Files.createDirectories(directory.resolve("project/db/migration/versions"));
        Files.writeString(directory.resolve("project/db/__init__.py"), "EXPAND = 'expand'\n");
        Files.writeString(directory.resolve("project/db/cli.py"), "import os\nX = os.sep\nEXPAND = 'expand'\n");
        Files.copy(directory.resolve("project/db/cli.py"), directory.resolve("project/db/migration/cli.py"));
        Files.writeString(
                versions.resolve("r.py"), python.replace(" ; ", "\n") + "\nrevision = 'r'\ndown_revision = None\n");
        assertThat(PythonVersions.read(versions).get(0).revision().branchLabels())
                .containsExactly("expand");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "branch_labels = NOWHERE",
                "from nowhere import NAME ; branch_labels = NAME",
                "import os ; branch_labels = os.sep",
                "NAME = 'a' + 'b' ; branch_labels = NAME",
                "NAME = 'a' ; NAME = f() ; branch_labels = NAME",
                "NAME = ('a', 'b') ; branch_labels = (NAME, 'c')",
                "branch_labels = a.",
            })
    void whatIsComputedIsRefused(String python) {
        assertThatThrownBy(() -> read(python.replace(" ; ", "\n") + "\nrevision = 'r'\ndown_revision = None\n"))
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("branch_labels is not None")
                .hasMessageContaining("write the value itself");
    }

    @Test
    void directoriesBelowAreRead() throws IOException {
        String revision = "revision = '%s'\ndown_revision = None\n";
        for (String file : List.of("b.py", "zed/expand/c.py", "yoga/a.py", "__pycache__/x.py", ".hidden/y.py")) {
            Path path = directory.resolve(file);
            Files.createDirectories(path.resolveSibling("."));
            Files.writeString(path, revision.formatted(file.replaceAll(".*/|\\.py", "")));
        }
        Files.writeString(directory.resolve("yoga/tools.py"), "def helper(): pass\n");
        assertThat(PythonVersions.read(directory))
                .extracting(one -> one.revision().id().value())
                .containsExactly("b", "a", "c");
    }

    @Test
    void aDocstringThatIsOnlyAHeaderIsNoMessage() throws IOException {
        Revision revision = read("""
                '''Revision ID: r
                Revises: None

                '''
                revision = 'r'
                down_revision = None
                """);
        assertThat(revision.message()).isEmpty();
    }
}
