package org.keops.automigrate.python;

import java.io.IOException;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The constants of other modules that a revision file imports, as in {@code branch_labels = (cli.EXPAND_BRANCH,)}. A
 * module's file is looked for in the directories above the file that names it, where the project lies; it is read, not run,
 * and what it imports itself is not followed. Not thread-safe; confined to one file.
 */
final class PythonImports {
    private final Path file;
    private final Map<String, String> imported = new HashMap<>();

    PythonImports(Path file) {
        this.file = file.toAbsolutePath().normalize();
    }

    /** Takes note of {@code import a.b}, {@code import a.b as c} and {@code from a import b as c, d}. */
    void read(List<PythonToken> statement) {
        int imports = 0;
        while (imports < statement.size() && !statement.get(imports).isWord("import")) {
            imports++;
        }
        boolean from = statement.get(0).isWord("from");
        if (imports == statement.size() || (imports > 0 && !from)) {
            return;
        }
        String module = from ? dotted(statement, 1, imports) : "";
        int start = imports + 1;
        for (int i = start; i <= statement.size(); i++) {
            if (i == statement.size() || statement.get(i).is(",")) {
                add(module, statement.subList(start, i));
                start = i + 1;
            }
        }
    }

    private void add(String module, List<PythonToken> one) {
        List<PythonToken> item =
                one.stream().filter(token -> !token.is("(") && !token.is(")")).toList();
        int as = 0;
        while (as < item.size() && !item.get(as).isWord("as")) {
            as++;
        }
        String name = dotted(item, 0, as);
        if (as + 1 < item.size()) {
            imported.put(item.get(as + 1).text(), within(module, name));
        } else if (module.isEmpty() && !name.isEmpty()) {
            String first = name.split("\\.", 2)[0];
            imported.put(first, first);
        } else {
            imported.put(name, within(module, name));
        }
    }

    private static String within(String module, String name) {
        return module.isEmpty() ? name : module.endsWith(".") ? module + name : module + "." + name;
    }

    static String dotted(List<PythonToken> tokens, int from, int to) {
        StringBuilder name = new StringBuilder();
        tokens.subList(from, to).forEach(token -> name.append(token.text()));
        return name.toString();
    }

    /**
     * What a dotted name means.
     *
     * @return the strings that the module assigns to it; null if that can not be found without running anything
     */
    @Nullable
    List<String> value(String name) {
        String[] parts = name.split("\\.", 2);
        String whole = imported.get(parts[0]);
        if (whole == null) {
            return null;
        }
        String full = parts.length == 1 ? whole : whole + "." + parts[1];
        int last = full.lastIndexOf('.');
        Path module = last <= 0 ? null : find(full.substring(0, last));
        try {
            return module == null
                    ? null
                    : new PythonModule(module, PythonVersions.text(Files.readAllBytes(module)), null)
                            .value(full.substring(last + 1));
        } catch (IOException | IllegalCharsetNameException | UnsupportedCharsetException e) {
            return null;
        }
    }

    private @Nullable Path find(String module) {
        int dots = 0;
        while (dots < module.length() && module.charAt(dots) == '.') {
            dots++;
        }
        String path = module.substring(dots).replace('.', '/');
        Path directory = file.getParent();
        for (int up = 1; up < dots && directory != null; up++) {
            directory = directory.getParent();
        }
        for (Path at = directory; at != null; at = dots > 0 ? null : at.getParent()) {
            for (Path candidate :
                    List.of(at.resolve(path + ".py"), at.resolve(path).resolve("__init__.py"))) {
                if (Files.isRegularFile(candidate)) {
                    return candidate;
                }
            }
        }
        return null;
    }
}
