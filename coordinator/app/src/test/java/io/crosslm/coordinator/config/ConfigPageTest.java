package io.crosslm.coordinator.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.testkit.DocumentationPage;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every key and default of docs/ref-config.md: a change here is a change for users. */
final class ConfigPageTest {
    private static final DocumentationPage PAGE = DocumentationPage.read("ref-config.md");

    @Test
    void ownKeys_andTheirDefaults_areThoseOfTheDocumentation() throws Exception {
        Map<String, String> keys = new TreeMap<>();
        addKeys("crosslm", CoordinatorConfig.class, keys);
        Properties file = applicationProperties();
        keys.replaceAll((key, value) -> file.getProperty(key, value));

        assertThat(documented("## The coordinator's own settings")).isEqualTo(keys);
    }

    @Test
    void ownKeys_thatTheStartKnows_areThoseOfTheInterface() throws Exception {
        Map<String, String> keys = new TreeMap<>();
        addKeys("crosslm", CoordinatorConfig.class, keys);

        assertThat(KnownSettings.KEYS).containsExactlyInAnyOrderElementsOf(keys.keySet());
    }

    @Test
    void ownKeys_inApplicationProperties_allExist() throws Exception {
        Map<String, String> keys = new TreeMap<>();
        addKeys("crosslm", CoordinatorConfig.class, keys);

        assertThat(applicationProperties().stringPropertyNames())
                .filteredOn(key -> key.startsWith("crosslm."))
                .isSubsetOf(keys.keySet());
    }

    @Test
    void quarkusKeys_andTheirDefaults_areThoseOfApplicationProperties() throws Exception {
        Properties file = applicationProperties();

        assertThat(documented("## Settings of the server"))
                .allSatisfy((key, value) -> assertThat(value).isEqualTo(file.getProperty(key)));
    }

    private static Map<String, String> documented(String heading) {
        Map<String, String> keys = new TreeMap<>();
        PAGE.table(heading).forEach(row -> keys.put(row.get(0), row.get(1)));
        return keys;
    }

    private static void addKeys(String prefix, Class<?> settings, Map<String, String> keys) {
        for (Method method : settings.getDeclaredMethods()) {
            String key = prefix + "." + kebab(method.getName());
            WithDefault value = method.getAnnotation(WithDefault.class);
            Class<?> type = method.getReturnType();
            if (type == Map.class) {
                ParameterizedType map = (ParameterizedType) method.getGenericReturnType();
                addKeys(key + ".<name>", (Class<?>) map.getActualTypeArguments()[1], keys);
            } else if (type.isInterface() && type.getEnclosingClass() == CoordinatorConfig.class) {
                addKeys(key, type, keys);
            } else if (value != null) {
                keys.put(key, value.value());
            } else {
                keys.put(key, type == Optional.class ? "none" : "needed");
            }
        }
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static Properties applicationProperties() throws IOException {
        Properties properties = new Properties();
        try (InputStream in =
                CoordinatorConfig.class.getResourceAsStream("/application.properties")) {
            properties.load(in);
        }
        return properties;
    }
}
