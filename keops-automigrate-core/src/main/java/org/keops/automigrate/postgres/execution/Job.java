package org.keops.automigrate.postgres.execution;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.version.TableComment;
import org.keops.automigrate.postgres.version.VersionTable;
import org.keops.automigrate.script.AppliedFingerprints;

/**
 * What is to be carried out, and how.
 *
 * @param plan the plan; its starting rows are those in the database
 * @param table where the version rows are, or are to be
 * @param comment the comment of that table, where it was read under the lock already; else null
 * @param bodies opens the scripts and knows the code
 * @param fingerprinting what a step makes of the recorded fingerprints, or null where none are recorded
 * @param sending how statements are sent
 * @param patience how long to try for the tables
 * @param behind what is to be asked behind the last COMMIT, where that can travel with it; or null
 */
public record Job(
        Plan plan,
        VersionTable table,
        @Nullable TableComment comment,
        RevisionBodies bodies,
        @Nullable BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting,
        Sending sending,
        TablePatience patience,
        @Nullable Asked<?> behind) {}
