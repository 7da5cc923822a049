package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import org.keops.automigrate.model.Revision;

/** Opens the scripts of revisions; nothing but headers is read before this is called. */
@FunctionalInterface
public interface ScriptBodies {

    /**
     * Opens a revision's script.
     *
     * @param revision the revision
     * @return the script from its beginning; the caller closes it
     * @throws IOException if it can not be read
     */
    InputStream open(Revision revision) throws IOException;
}
