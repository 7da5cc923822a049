package org.keops.automigrate.cli;

import picocli.CommandLine.Option;

/** Whether a list says more than a line of each revision. Filled by picocli. */
final class VerboseOption {
    @Option(
            names = {"-v", "--verbose"},
            description = "Say all about each revision.")
    private boolean verbose;

    boolean isGiven() {
        return verbose;
    }
}
