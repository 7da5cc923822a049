package org.keops.automigrate.source;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
            if (ScriptIndex.lists(name)) {
                scripts.add(file(name));
            }
        }
        return scripts;
    }

    @Override
    public @Nullable ScriptIndex index() throws IOException {
        return index(directory.toFile(), this::file);
    }

    private ScriptFile file(String name) {
        Path file = directory.resolve(name);
        return new ScriptFile(file.toString(), () -> Files.newInputStream(file));
    }

    static @Nullable ScriptIndex index(File directory, Function<String, ScriptFile> place) throws IOException {
        File file = new File(directory, ScriptIndex.NAME);
        if (!file.isFile()) {
            return null;
        }
        try (InputStream content = new FileInputStream(file)) {
            return ScriptIndex.read(place, content, seal(directory, file.lastModified()));
        }
    }

    /** A file's time may lie either way; one that is not older than the index is read rather than believed. */
    private static Seal seal(File directory, long indexed) {
        Seal sum = new Seal();
        String[] names = directory.list();
        if (names == null) {
            return Seal.doubtful();
        }
        for (String name : names) {
            if (ScriptIndex.lists(name)) {
                File script = new File(directory, name);
                if (script.lastModified() >= indexed) {
                    return Seal.doubtful();
                }
                sum.add(name, script.length());
            }
        }
        return sum;
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
