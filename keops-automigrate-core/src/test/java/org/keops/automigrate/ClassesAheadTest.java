package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Nothing depends on what is loaded ahead, so nothing may come of it where it fails. */
class ClassesAheadTest {

    /** An application that ends the process when nobody catches something must not be ended by this. */
    @Test
    void whatALoaderThrowsIsNoUncaughtException() throws Exception {
        Stopped loader = new Stopped();
        Class<?> there = Class.forName(ClassesAhead.class.getName(), true, loader);
        Constructor<?> constructor = there.getDeclaredConstructor();
        constructor.setAccessible(true);
        Runnable ahead = (Runnable) constructor.newInstance();

        assertThatCode(ahead::run).doesNotThrowAnyException();
        assertThat(loader.asked)
                .containsExactly(ClassesAhead.NAMES.lines().findFirst().orElseThrow());
    }

    /** As that of a web application which is being taken down: it throws what is no {@link LinkageError}. */
    private static final class Stopped extends ClassLoader {
        private static final String OURS = ClassesAhead.class.getPackageName() + ".";

        private final List<String> asked = new ArrayList<>();

        private Stopped() {
            super(ClassesAheadTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.equals(ClassesAhead.class.getName())) {
                return own(name);
            }
            if (name.startsWith(OURS)) {
                asked.add(name.substring(OURS.length()));
                throw new IllegalStateException("this application has been stopped");
            }
            return super.loadClass(name, resolve);
        }

        private Class<?> own(String name) throws ClassNotFoundException {
            try (InputStream file = Objects.requireNonNull(
                    ClassesAhead.class.getResourceAsStream(ClassesAhead.class.getSimpleName() + ".class"))) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
