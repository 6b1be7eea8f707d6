package io.crosslm.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.crosslm.coordinator.dashboard.DashboardLinks;
import io.crosslm.coordinator.round.RoundDocuments;
import io.crosslm.testkit.DocumentationPage;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/ref-rest.md against the resources. */
final class RestPageTest {
    private static final DocumentationPage PAGE = DocumentationPage.read("ref-rest.md");

    @Test
    void endpoints_ofThePage_areThoseOfTheResources() {
        List<String> endpoints = new ArrayList<>();
        // A route of Vert.x, which has no annotations.
        endpoints.add("GET /v1/artifacts/{sha256}");
        for (JavaClass type :
                new ClassFileImporter()
                        .importPackagesOf(TaskResource.class, DashboardLinks.class)) {
            if (type.isAnnotatedWith(Path.class)
                    && type.getAnnotationOfType(Path.class).value().startsWith("/v1")) {
                addEndpoints(type.reflect(), endpoints);
            }
        }

        assertThat(PAGE.table("## Endpoints").stream().map(row -> row.get(0) + " " + row.get(1)))
                .containsExactlyInAnyOrderElementsOf(endpoints);
    }

    @Test
    void roundFields_ofThePage_areThoseOfTheView() {
        List<String> fields = new ArrayList<>();
        addFields("", RoundView.class, fields);

        assertThat(PAGE.table("## A round").stream().map(row -> row.get(0)))
                .containsExactlyInAnyOrderElementsOf(fields);
    }

    @Test
    void adapterFields_ofThePage_areThoseOfTheView() {
        List<String> fields = new ArrayList<>();
        addFields("", AdapterResource.AdapterView.class, fields);

        assertThat(PAGE.table("## An adapter").stream().map(row -> row.get(0)))
                .containsExactlyInAnyOrderElementsOf(fields);
    }

    private static void addEndpoints(Class<?> resource, List<String> endpoints) {
        String prefix = resource.getAnnotation(Path.class).value();
        for (Method method : resource.getDeclaredMethods()) {
            for (Annotation annotation : method.getAnnotations()) {
                HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                if (verb != null) {
                    Path path = method.getAnnotation(Path.class);
                    endpoints.add(verb.value() + " " + prefix + (path == null ? "" : path.value()));
                }
            }
        }
    }

    private static void addFields(String prefix, Class<?> view, List<String> fields) {
        for (RecordComponent component : view.getRecordComponents()) {
            String path = prefix + component.getName();
            Type type = component.getGenericType();
            if (path.equals("outcome")) {
                // Stored as JSON and answered as it is stored.
                addFields(path + ".", RoundDocuments.Outcome.class, fields);
            } else if (type instanceof Class<?> one && one.isRecord()) {
                addFields(path + ".", one, fields);
            } else if (type instanceof ParameterizedType list
                    && list.getRawType() == List.class
                    && list.getActualTypeArguments()[0] instanceof Class<?> item
                    && item.isRecord()) {
                addFields(path + "[].", item, fields);
            } else {
                fields.add(path);
            }
        }
    }
}
