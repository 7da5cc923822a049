package org.keops.automigrate.python;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.model.UnsoundScriptsException;

/** A directory of Python revision files: Alembic's {@code versions}. Stateless. */
public final class PythonVersions {
    private static final Pattern CODING = Pattern.compile("^[ \\t\\f]*#.*?coding[:=][ \\t]*([-_.a-zA-Z0-9]+)");
    private static final Pattern CREATED = Pattern.compile("(?m)^\\s*Create Date:[ \\t]*(.*?)\\s*$");

    private static final Pattern HEADER = Pattern.compile("^(Revision ID|Revises|Create Date):");
    private static final Comparator<Path> BY_NAME = Comparator.comparing(path -> String.valueOf(path.getFileName()));

    private PythonVersions() {}

    /**
     * Reads all files that Alembic would load, in its order: {@code *.py}, neither {@code __init__…} nor an editor's lock.
     * Directories below are read as well, as with {@code recursive_version_locations}; a file there that sets neither
     * {@code revision} nor {@code down_revision} is no revision.
     *
     * @param directory {@code versions}, or the directory around it
     * @return the revisions
     * @throws IOException if the directory can not be read
     * @throws UnsoundScriptsException with everything that is wrong with the files, if anything is
     */
    public static List<PythonRevision> read(Path directory) throws IOException {
        Path versions = directory.resolve("versions");
        Path root = Files.isDirectory(versions) ? versions : directory;
        List<Path> files = files(root);
        List<Problem> problems = new ArrayList<>();
        List<PythonRevision> revisions = new ArrayList<>();
        for (Path file : files) {
            PythonRevision revision = read(file, root.equals(file.getParent()), problems);
            if (revision != null) {
                revisions.add(revision);
            }
        }
        if (files.isEmpty()) {
            problems.add(new Problem(Location.of(directory.toString()), "no Python revision files here"));
        }
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        return revisions;
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + " is not a directory");
        }
        List<Path> files = new ArrayList<>();
        List<Path> directories = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            for (Path file : found) {
                String name = String.valueOf(file.getFileName());
                if (Files.isDirectory(file) && !name.startsWith(".") && !name.equals("__pycache__")) {
                    directories.add(file);
                } else if (name.endsWith(".py") && !name.startsWith(".#") && !name.startsWith("__init__")) {
                    files.add(file);
                }
            }
        }
        files.sort(BY_NAME);
        directories.sort(BY_NAME);
        for (Path below : directories) {
            files.addAll(files(below));
        }
        return files;
    }

    private static @Nullable PythonRevision read(Path file, boolean atTop, List<Problem> problems) throws IOException {
        Location place = Location.of(file.toString());
        String text;
        try {
            text = text(Files.readAllBytes(file));
        } catch (CharacterCodingException | IllegalCharsetNameException | UnsupportedCharsetException e) {
            problems.add(new Problem(place, "is not text in the encoding that it names, or in UTF-8"));
            return null;
        }
        PythonModule module = new PythonModule(file, text, new PythonImports(file));
        problems.addAll(module.problems());
        List<String> id = module.value("revision");
        List<String> down = module.value("down_revision");
        if (!atTop && id == null && down == null && module.problems().isEmpty()) {
            return null;
        }
        if (!module.problems().isEmpty()) {
            return null;
        }
        if (id == null || id.size() != 1 || id.get(0).isEmpty()) {
            problems.add(new Problem(place, "is no revision: it does not set 'revision' to one string"));
            return null;
        }
        if (down == null) {
            problems.add(new Problem(place, "is no revision: it does not set 'down_revision', not even to None"));
            return null;
        }
        Revision revision = new Revision(
                new RevisionId(id.get(0)),
                down.stream().filter(one -> !one.isEmpty()).map(RevisionId::new).toList(),
                orNone(module.value("depends_on")),
                orNone(module.value("branch_labels")),
                message(module.docstring()),
                TransactionMode.AUTOMATIC,
                place);
        Matcher created = CREATED.matcher(module.docstring());
        return new PythonRevision(revision, created.find() ? created.group(1) : "", LiveData.in(module.tokens()));
    }

    /** Python's own names for two of them are not Java's. */
    private static Charset charset(String name) {
        return switch (name.toLowerCase(Locale.ROOT).replace('_', '-')) {
            case "latin-1", "iso-latin-1" -> StandardCharsets.ISO_8859_1;
            case "utf-8-unix", "utf-8-sig" -> StandardCharsets.UTF_8;
            default -> Charset.forName(name);
        };
    }

    private static List<String> orNone(@Nullable List<String> values) {
        return values == null ? List.of() : values;
    }

    /** The docstring to its first blank line, or to the header where there is none, as one line. */
    private static String message(String docstring) {
        return docstring
                .strip()
                .lines()
                .map(String::strip)
                .takeWhile(line -> !line.isEmpty() && !HEADER.matcher(line).find())
                .collect(Collectors.joining(" "));
    }

    /** PEP 263: UTF-8 unless one of the first two lines says otherwise. */
    static String text(byte[] bytes) throws CharacterCodingException {
        String ascii = new String(bytes, 0, Math.min(bytes.length, 512), StandardCharsets.ISO_8859_1);
        Optional<String> named = ascii.lines()
                .limit(2)
                .map(CODING::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .findFirst();
        Charset charset = named.isEmpty() ? StandardCharsets.UTF_8 : charset(named.get());
        String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }
}
