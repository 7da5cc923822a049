package org.keops.bootstrap.testing;

import java.io.IOException;
import java.util.List;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;

/** KEOPS's revisions, from the first to the last. Stateless. */
public final class Revisions {
    /** All 23, in order. */
    public static final List<String> LINE = List.of(
            "39f0aae0582b",
            "9e93ad2ab9f9",
            "f5ba8fc1c5da",
            "c2116e8b1149",
            "552fb76000a5",
            "bea5d762a752",
            "241a1d4de4e1",
            "1ec316af4a8f",
            "b8bec0892316",
            "c0f84decbdac",
            "7aef4d0260ec",
            "ee294d2ae5e3",
            "4674a545b1b0",
            "64d08233eefa",
            "84c03f89212d",
            "e6e3690332da",
            "eb6df6c4c8a5",
            "077f74f56973",
            "ce8a8c9313da",
            "f5d33dd928d1",
            "ed9f000d6608",
            "6086caf1cb18",
            "5437d1b9ad47");

    /** Where a legacy database stands. */
    public static final String BASE = LINE.get(0);

    /** The latest. */
    public static final String HEAD = LINE.get(LINE.size() - 1);

    private Revisions() {}

    /**
     * The scripts of an older build.
     *
     * @param last its latest revision
     * @return the scripts up to that one
     */
    public static ScriptSource upTo(String last) {
        List<String> known = LINE.subList(0, LINE.indexOf(last) + 1);
        ScriptSource all = ScriptSource.of("classpath:alembic/versions");
        return new ScriptSource() {
            @Override
            public List<ScriptFile> list() throws IOException {
                return all.list().stream()
                        .filter(script ->
                                known.stream().anyMatch(id -> script.place().contains("/" + id + "_")))
                        .toList();
            }

            @Override
            public String describe() {
                return "KEOPS's scripts up to " + last;
            }
        };
    }
}
