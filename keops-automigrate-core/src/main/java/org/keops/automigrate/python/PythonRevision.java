package org.keops.automigrate.python;

import java.util.List;
import org.keops.automigrate.model.Revision;

/**
 * A revision file of a Python project. Immutable and thread-safe.
 *
 * @param revision what its variables say; the message is that of its docstring
 * @param createDate the date of its docstring, or empty
 * @param liveData what in its code asks the database, as in {@code op.get_bind() in line 23}; nothing writes that as SQL
 */
public record PythonRevision(Revision revision, String createDate, List<String> liveData) {

    /** Copies the list. */
    public PythonRevision {
        liveData = List.copyOf(liveData);
    }
}
