package org.keops.automigrate.postgres.execution;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.ServerNotice;

/**
 * Who is told what happens while a plan is carried out.
 *
 * @param beforeStep told of each step when the server has come to it
 * @param notes told what a person may want to know although nothing failed
 * @param notices told what the server says of statements that do not fail
 * @param progress told how far it has come
 */
public record Watch(
        Consumer<Step> beforeStep,
        Consumer<String> notes,
        Consumer<ServerNotice> notices,
        Consumer<Progress> progress) {

    /** The same for an execution in which a step may be tried more than once. */
    Watch ofEachStepOnce() {
        // by identity: the hash of a step is that of all it holds
        Set<Step> announced = Collections.newSetFromMap(new IdentityHashMap<>());
        Consumer<Step> once = step -> {
            if (announced.add(step)) {
                beforeStep.accept(step);
            }
        };
        return new Watch(once, notes, notices, progress);
    }
}
