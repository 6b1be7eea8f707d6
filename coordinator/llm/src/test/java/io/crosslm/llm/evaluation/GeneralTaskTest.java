package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.LikelihoodScorer.Continuation;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GeneralTaskTest {
    @TempDir private Path folder;

    @Test
    void read_piqa_endsTheQuestionWithAnswer() throws Exception {
        ChoiceItem item =
                only(
                        "piqa",
                        "{'query':'Question: Dry a boot?\\n','choices':['By air','By sea'],'gold':0}");

        assertThat(item.choices())
                .containsExactly(
                        new Continuation("Question: Dry a boot?\nAnswer:", " By air"),
                        new Continuation("Question: Dry a boot?\nAnswer:", " By sea"));
    }

    @Test
    void read_boolq_dropsTheWordPassage() throws Exception {
        ChoiceItem item =
                only(
                        "boolq",
                        "{'query':'Passage: Wet.\\nQuestion: dry?','choices':['no','yes'],'gold':1}");

        assertThat(item.choices().get(1))
                .isEqualTo(new Continuation("Wet.\nQuestion: dry?\nAnswer:", " yes"));
        assertThat(item.gold()).isEqualTo(1);
    }

    @Test
    void read_copa_dropsTheCommaAndLowersTheChoice() throws Exception {
        ChoiceItem item =
                only(
                        "copa",
                        "{'query':'It rained, hard, because','choices':['Clouds came.','It did.'],'gold':0}");

        assertThat(item.choices().get(0))
                .isEqualTo(new Continuation("It rained, hard because", " clouds came."));
    }

    @Test
    void read_winogrande_hasOneContinuationAfterTwoContexts() throws Exception {
        ChoiceItem item =
                only(
                        "winogrande",
                        "{'context_options':['So Ann','So Eve'],'continuation':'left.','gold':1}");

        assertThat(item.choices())
                .containsExactly(
                        new Continuation("So Ann", " left."), new Continuation("So Eve", " left."));
    }

    @Test
    void read_hellaswag_cleansMarksAndCapitalisesAsPythonDoes() throws Exception {
        ChoiceItem item =
                only(
                        "hellaswag-1000",
                        "{'activity_label':'Baking','ctx_a':'[header] Mix [title] Stir.',"
                                + "'ctx_b':'a COOK','endings':[' eats  it. [step] ','sleeps'],'label':1}");

        assertThat(item.choices())
                .containsExactly(
                        new Continuation("Baking: Mix. Stir. A cook", " eats it. "),
                        new Continuation("Baking: Mix. Stir. A cook", " sleeps"));
    }

    @Test
    void read_limit_takesTheFirstLines() throws Exception {
        String line = "{'query':'q','choices':['a','b'],'gold':%d}\n";
        write("openbook_qa.jsonl", line.formatted(0) + line.formatted(1) + "nonsense");

        assertThat(task("openbook_qa").read(folder, 2))
                .extracting(ChoiceItem::gold)
                .containsExactly(0, 1);
    }

    @Test
    void read_compressed_isReadToo() throws Exception {
        try (OutputStream out =
                new GZIPOutputStream(
                        Files.newOutputStream(folder.resolve("lambada_openai.jsonl.gz")))) {
            out.write(
                    "{\"context\":\"a\",\"continuation\":\"b\"}".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(task("lambada_openai").read(folder, 9).get(0).choices())
                .containsExactly(new Continuation("a", " b"));
    }

    @Test
    void read_wrongLine_namesItWithoutItsText() throws Exception {
        write(
                "piqa.jsonl",
                "{'query':'q','choices':['a','b'],'gold':0}\n{'query':'secret','choices':['a'],'gold':1}");

        assertThatThrownBy(() -> task("piqa").read(folder, 9))
                .hasMessageContaining("LLM-1001")
                .hasMessageContaining("line 2")
                .hasMessageContaining("piqa")
                .hasMessageNotContaining("secret");
    }

    @Test
    void read_noFile_saysWhichNamesWereTried() {
        assertThatThrownBy(() -> task("copa").read(folder, 1))
                .hasMessageContaining("copa.jsonl.gz")
                .hasMessageContaining("copa.jsonl in");
    }

    @Test
    void named_unknownTask_listsThoseThereAre() {
        assertThatThrownBy(() -> GeneralTask.named(List.of("copa", "mmlu")))
                .hasMessageContaining("mmlu")
                .hasMessageContaining("hellaswag-1000");
    }

    private ChoiceItem only(String task, String line) throws Exception {
        write(task + ".jsonl", line);
        List<ChoiceItem> items = task(task).read(folder, Integer.MAX_VALUE);
        assertThat(items).hasSize(1);
        return items.get(0);
    }

    private void write(String name, String lines) throws Exception {
        Files.writeString(folder.resolve(name), lines.replace('\'', '"'));
    }

    private static GeneralTask task(String name) {
        return GeneralTask.named(List.of(name)).get(0);
    }
}
