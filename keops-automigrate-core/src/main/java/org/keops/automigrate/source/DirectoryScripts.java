package org.keops.automigrate.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code .sql} files of one directory, without its sub-directories. */
final class DirectoryScripts implements ScriptSource {
    private final Path directory;

    DirectoryScripts(Path directory) {
        this.directory = directory;
    }

    @Override
    public List<ScriptFile> list() throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory");
        }
        List<ScriptFile> scripts = new ArrayList<>();
        for (String name : names(directory)) {
            if (ScriptNames.isScript(name)) {
                Path file = directory.resolve(name);
                scripts.add(new ScriptFile(file.toString(), () -> Files.newInputStream(file)));
            }
        }
        return scripts;
    }

    static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                names.add(String.valueOf(file.getFileName()));
            }
        }
        names.sort(null);
        return names;
    }

    @Override
    public String describe() {
        return directory.toString();
    }
}
