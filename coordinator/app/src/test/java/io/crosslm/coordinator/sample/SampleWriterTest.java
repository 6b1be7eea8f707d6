package io.crosslm.coordinator.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SampleWriterTest {
    private final TaskDefinition task = Tasks.weather();
    private final List<GenerationRequest> requests = new ArrayList<>();

    @Test
    void write_batch_asksEveryLabelEquallyOften() {
        WrittenBatch batch = write("report number %d of a long row");

        assertThat(requests).hasSize(1);
        assertThat(requests.get(0).prompts()).hasSize(8);
        assertThat(requests.get(0).completionsPerPrompt()).isEqualTo(4);
        assertThat(batch.kept()).hasSize(32);
        assertThat(batch.kept()).filteredOn(sample -> sample.intended() == 0).hasSize(16);
        assertThat(batch.tokens()).isEqualTo(96);
    }

    @Test
    void write_someFiltered_keptOnesComeFirstAndAreNumbered() {
        WrittenBatch batch =
                new SampleWriter(task, (request, listener) -> completions(request, true))
                        .write(Adapter.none(), List.of(), 1, GenerationListener.noop());

        assertThat(batch.kept()).hasSize(16);
        for (int i = 0; i < batch.samples().size(); i++) {
            assertThat(batch.samples().get(i).index()).isEqualTo(i);
            assertThat(batch.samples().get(i).isKept()).isEqualTo(i < 16);
        }
    }

    @Test
    void write_quotedCompletion_keepsTheFirstLineWithoutQuotes() {
        WrittenBatch batch = write(" \"a quoted text number %d\" \nKind: rain");

        assertThat(batch.samples().get(0).text()).isEqualTo("a quoted text number 0");
    }

    private WrittenBatch write(String format) {
        return new SampleWriter(
                        task,
                        (request, listener) -> {
                            requests.add(request);
                            List<Completion> all = new ArrayList<>();
                            for (int i = 0; i < 32; i++) {
                                all.add(completion(request, i, String.format(format, i)));
                            }
                            return all;
                        })
                .write(Adapter.none(), List.of(), 1, GenerationListener.noop());
    }

    private static List<Completion> completions(GenerationRequest request, boolean everySecond) {
        List<Completion> all = new ArrayList<>();
        for (int i = 0; i < request.prompts().size() * request.completionsPerPrompt(); i++) {
            boolean bad = everySecond && i % 2 == 0;
            all.add(completion(request, i, bad ? "short" : "a good report, number " + i));
        }
        return all;
    }

    private static Completion completion(GenerationRequest request, int i, String text) {
        return new Completion(i / request.completionsPerPrompt(), text, 3, Completion.Finish.STOP);
    }
}
