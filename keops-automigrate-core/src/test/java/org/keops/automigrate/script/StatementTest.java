package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.Location;

/** What a text mentions: to miss a word that the server would read is a wrong result elsewhere. */
class StatementTest {

    @Test
    void aWordStandsInAnyCase() {
        for (String word : new String[] {"set_config", "SET_CONFIG", "Set_Config", "sEt_cOnFiG", "xset_configx"}) {
            assertThat(of("SELECT " + word).mentions("set_config")).as(word).isTrue();
            assertThat(of(word).mentionsAny("pg_", "set_config")).as(word).isTrue();
        }
        for (String word : new String[] {"set_confi", "et_config", "set-config", "set_cnofig", "_", ""}) {
            assertThat(of("SELECT " + word).mentions("set_config")).as(word).isFalse();
            assertThat(of(word).mentionsAny("pg_", "set_config")).as(word).isFalse();
        }
    }

    /** As a server of the encoding LATIN5 does, whose lc_ctype is Turkish; everywhere else it is another name. */
    @Test
    void aDottedCapitalIStandsForAnI() {
        for (String name : new String[] {"installed_versions", "installed", "i", "info_i", "migrations"}) {
            Statement dotted = of("CREATE TABLE t AS SELECT * FROM " + name.replace('i', '\u0130'));
            assertThat(dotted.mentions(name)).as(name).isTrue();
            assertThat(name.indexOf('_') >= 0 && !dotted.mentionsAny(name))
                    .as(name)
                    .isFalse();
        }
    }

    private static Statement of(String text) {
        return new Statement(text, new Location("s.sql", 1, 1), 0, 0, true);
    }
}
