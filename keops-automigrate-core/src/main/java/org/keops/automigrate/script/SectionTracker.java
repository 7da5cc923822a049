package org.keops.automigrate.script;

import org.keops.automigrate.model.Location;

/** Knows which section of a script is being read, and whether it is the wanted one. Not thread-safe. */
final class SectionTracker {
    private final Section wanted;
    private boolean upgradeLine;
    private boolean downgradeLine;
    private Section current = Section.UPGRADE;
    /** There were statements before any section line: they are the upgrade. */
    private boolean implicitUpgrade;

    SectionTracker(Section wanted) {
        this.wanted = wanted;
    }

    boolean inWanted() {
        return current == wanted;
    }

    /** A statement starts. */
    void statement() {
        implicitUpgrade |= !upgradeLine && !downgradeLine;
    }

    /** A section line was met at {@code where}; returns whether the wanted section is over. */
    boolean enter(Section next, Location where) {
        if (next == Section.UPGRADE && implicitUpgrade) {
            throw new ScriptSyntaxException(
                    where, "statements stand before this line, in no section; only comments may stand there");
        }
        boolean over = current == wanted && (implicitUpgrade || isIntroduced(wanted));
        if (isIntroduced(next)) {
            throw new ScriptSyntaxException(where, "the section '" + next.line() + "' starts a second time here");
        }
        upgradeLine |= next == Section.UPGRADE;
        downgradeLine |= next == Section.DOWNGRADE;
        current = next;
        return over;
    }

    private boolean isIntroduced(Section section) {
        return section == Section.UPGRADE ? upgradeLine : downgradeLine;
    }
}
