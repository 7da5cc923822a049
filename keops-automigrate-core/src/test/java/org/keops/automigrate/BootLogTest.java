package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Lines that a person reads. */
class BootLogTest {

    @Test
    void aGrantOnAThousandTablesIsNotALine() {
        String statement = "GRANT SELECT ON TABLE " + "\"s\".\"t\", ".repeat(1000) + "\"s\".\"u\" TO \"app\"";
        assertThat(BootLog.shortened(statement))
                .startsWith("GRANT SELECT ON TABLE \"s\".\"t\", ")
                .endsWith("… (" + statement.length() + " characters; the report has it whole)")
                .hasSizeLessThan(600);
        assertThat(BootLog.shortened("GRANT USAGE ON SCHEMA \"s\" TO \"app\""))
                .isEqualTo("GRANT USAGE ON SCHEMA \"s\" TO \"app\"");
    }
}
