package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RoundCommandTest {
    private static final String ROUND_1 = "GET /v1/tasks/trec/rounds/1";
    private static final String ROUND_2 = "GET /v1/tasks/trec/rounds/2";

    private static final String CLOSED =
            """
            {"task":"trec","round":1,"step":"CLOSED","deadline":"2026-11-01T10:10:00.123Z",
             "selected":2,"scoreReports":2,"trainingReports":2,"lateReports":0,
             "startedAt":"2026-11-01T10:00:00.5Z",
             "steps":[{"step":"GENERATING","at":"2026-11-01T10:00:00Z","seconds":31.25},
                      {"step":"SCORING","at":1793527231000,"seconds":4}],
             "generation":{"tokens":6144,"tokensPerSecond":196.6,"samples":192,"kept":180},
             "outcome":{
               "devices":[
                 {"device":"silo-1","reliability":0.8125,"kept":"withPool","privateExamples":32,
                  "poolSamples":90,
                  "standalone":{"validation":{"correct":9,"total":16},"test":{"correct":60,"total":100}},
                  "withPool":{"validation":{"correct":12,"total":16},"test":{"correct":80,"total":100}}},
                 {"device":"silo-2","reliability":0.7,"kept":"standalone","privateExamples":32,
                  "poolSamples":90,
                  "standalone":{"validation":{"correct":10,"total":20},"test":{"correct":0,"total":0}},
                  "withPool":{"validation":{"correct":12,"total":20}}}],
               "reliability":{"llm":0.5,"intent":0.25},
               "llm":{"before":{"accuracy":0.475,"labelFidelity":0.23},
                      "after":{"accuracy":0.706,"labelFidelity":0.66},
                      "guardKl":0.0421,"guardLoss":0.004,"guardFactor":0.75,
                      "adapterKept":true,"reason":"better"},
               "pool":{"added":90,"size":90},
               "bytes":{"up":1200,"down":40000,"packages":90000000}}}
            """;

    private final FakeCoordinator coordinator = new FakeCoordinator();

    @AfterEach
    void close() {
        coordinator.close();
    }

    @Test
    void start_count_asksForThatManyRounds() {
        started("1,2,3");

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--count", "3");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("rounds 1, 2, 3 are planned");
        assertThat(coordinator.onlyRequest().body()).isEqualTo("{\"count\":3}");
    }

    @Test
    void start_countOfZero_isWrongUsage() {
        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--count", "0");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("--count must be at least 1, but is 0");
        assertThat(coordinator.requests()).isEmpty();
    }

    @Test
    void start_answerWithoutRounds_doubtsTheCoordinator() {
        coordinator.answer("POST /v1/tasks/trec/rounds", 202, "{\"rounds\":\"many\"}");

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--wait");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("CLI-1005", "named no rounds");
    }

    @Test
    void startWait_roundThatCloses_showsEachStepOnce() {
        started("1");
        coordinator
                .answer(ROUND_1, 200, step("GENERATING", "[]", 0))
                .answer(ROUND_1, 200, step("GENERATING", "[]", 0))
                .answer(
                        ROUND_1,
                        200,
                        step("SCORING", "[{\"step\":\"GENERATING\",\"seconds\":31.25}]", 0))
                .answer(
                        ROUND_1,
                        200,
                        step("SCORING", "[{\"step\":\"GENERATING\",\"seconds\":31.25}]", 1))
                .answer(ROUND_1, 200, CLOSED);

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--wait");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out())
                .isEqualTo(
                        """
                        task trec: round 1 is planned
                        trec round 1: GENERATING
                        trec round 1: SCORING (GENERATING took 31.3 s)
                        trec round 1: SCORING, reports: 1 of 2
                        trec round 1: CLOSED (SCORING took 4.0 s, reports: 2 of 2)
                        trec round 1: mean accuracy of 2 devices: 55.0 % standalone, 70.0 % with \
                        pool; language model: 47.5 % before, 70.6 % after; pool: 90 samples
                        """);
    }

    @Test
    void startWait_severalRounds_endsWithTheLast() {
        started("1,2");
        coordinator.answer(ROUND_1, 200, CLOSED).answer(ROUND_2, 200, CLOSED);

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--wait");

        assertThat(outcome.status()).isZero();
        assertThat(coordinator.requests())
                .extracting(FakeCoordinator.Request::call)
                .containsExactly("POST /v1/tasks/trec/rounds", ROUND_1, ROUND_2);
    }

    @Test
    void startWait_failedRound_endsWithStatusOne() {
        started("1,2");
        coordinator.answer(
                ROUND_1,
                200,
                "{\"round\":1,\"step\":\"FAILED\",\"reason\":\"no reports by the deadline\"}");

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--wait");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains(
                        "CLI-1006",
                        "FAILED: no reports by the deadline",
                        "crosslm round show trec 1");
    }

    @Test
    void startWait_cancelledRound_endsWithStatusOne() {
        started("1");
        coordinator.answer(ROUND_1, 200, "{\"round\":1,\"step\":\"CANCELLED\"}");

        assertThat(Cli.to(coordinator).run("round", "start", "trec", "--wait").status())
                .isEqualTo(1);
    }

    @Test
    void startWait_roundNotThereYet_keepsWaiting() {
        started("1");
        coordinator
                .problem(ROUND_1, 404, "{\"code\":\"ROUND-1\",\"detail\":\"no such round\"}")
                .answer(ROUND_1, 200, CLOSED);
        Cli cli = Cli.to(coordinator);

        assertThat(cli.run("round", "start", "trec", "--wait").status()).isZero();
        assertThat(cli.pauses()).isEqualTo(1);
    }

    @Test
    void startWait_coordinatorThatRestarts_keepsWaiting() {
        started("1");
        coordinator
                .answer(ROUND_1, 200, step("TUNING", "[]", 0))
                .problem(ROUND_1, 503, "{\"detail\":\"starting\"}")
                .answer(ROUND_1, 200, CLOSED);

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--wait");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("trying again", "the coordinator is back");
    }

    @Test
    void startWait_coordinatorThatStaysAway_givesUp() {
        started("1");
        coordinator.problem(ROUND_1, 503, "{\"code\":\"OPS-1\",\"detail\":\"starting\"}");
        Cli cli = Cli.to(coordinator);

        Cli.Outcome outcome = cli.run("round", "start", "trec", "--wait");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("OPS-1: starting");
        assertThat(cli.pauses()).isEqualTo(120);
    }

    @Test
    void startWait_interrupted_saysThatTheRoundsGoOn() {
        started("1");
        coordinator.answer(ROUND_1, 200, step("TUNING", "[]", 0));

        Cli.Outcome outcome =
                Cli.to(coordinator)
                        .interruptedWhenItPauses()
                        .run("round", "start", "trec", "--wait");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("CLI-1007", "the rounds go on");
    }

    @Test
    void startWait_json_printsALineForEachRoundAndNothingElse() {
        started("1,2");
        coordinator.answer(ROUND_1, 200, CLOSED).answer(ROUND_2, 200, CLOSED);

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "start", "trec", "--wait", "--json");

        assertThat(outcome.out().lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("{\"task\":\"trec\",\"round\":1,"));
    }

    @Test
    void list_rounds_printsATable() {
        coordinator.answer(
                "GET /v1/tasks/trec/rounds?limit=50",
                200,
                """
                {"rounds":[{"round":1,"step":"CLOSED","startedAt":"2026-11-01T10:00:00Z",
                   "selected":4,"scoreReports":4,"trainingReports":3},
                  {"round":2,"step":"FAILED","reason":"too few reports"}]}
                """);

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "list", "trec");

        assertThat(outcome.out())
                .isEqualTo(
                        """
                        ROUND  STEP    STARTED               SCORED  TRAINED  REASON
                        1      CLOSED  2026-11-01T10:00:00Z  4 of 4  3 of 4   -
                        2      FAILED  -                     -       -        too few reports
                        """);
    }

    @Test
    void list_withLimit_asksForThatMany() {
        coordinator.answer("GET /v1/tasks/trec/rounds?limit=2", 200, "{\"rounds\":[],\"total\":9}");

        assertThat(Cli.to(coordinator).run("round", "list", "trec", "--limit", "2").status())
                .isZero();
    }

    @Test
    void list_limitOfZero_asksNothing() {
        Cli.Outcome outcome = Cli.to(coordinator).run("round", "list", "trec", "--limit", "0");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("--limit must be at least 1");
        assertThat(coordinator.requests()).isEmpty();
    }

    @Test
    void list_noRounds_saysHowToStartOne() {
        coordinator.answer("GET /v1/tasks/trec/rounds?limit=50", 200, "{\"rounds\":[]}");

        assertThat(Cli.to(coordinator).run("round", "list", "trec").out())
                .contains("crosslm round start trec");
    }

    @Test
    void show_closedRound_printsWhatItBrought() {
        coordinator.answer(ROUND_1, 200, CLOSED);

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "show", "trec", "1");

        assertThat(outcome.out())
                .isEqualTo(
                        """
                        task trec, round 1: CLOSED

                        started           2026-11-01T10:00:00Z
                        deadline          2026-11-01T10:10:00Z
                        score reports     2 of 2
                        training reports  2 of 2
                        late reports      0
                        generated         192 samples, 180 kept, 6144 tokens (197 tokens/s)

                        STEP        AT                    SECONDS
                        GENERATING  2026-11-01T10:00:00Z  31.3 s
                        SCORING     2026-11-01T10:00:31Z  4.0 s

                        DEVICE  RELIABILITY  STANDALONE     WITH POOL      KEPT        PRIVATE  POOL
                        silo-1  0.813        60/100 60.0 %  80/100 80.0 %  withPool    32       90
                        silo-2  0.700        10/20 50.0 %   12/20 60.0 %   standalone  32       90

                        LANGUAGE MODEL  BEFORE  AFTER
                        task accuracy   47.5 %  70.6 %
                        label fidelity  23.0 %  66.0 %

                        adapter kept      true (better)
                        guard's KL        0.042
                        general NLL       0.4 %
                        part kept         0.750
                        its reliability   0.500
                        asked-for label   0.250

                        pool              90 samples, 90 of them new
                        bytes             40000 down, 1200 up, 90000000 for packages
                        """);
    }

    @Test
    void show_devicesWithSeveralModels_printsWhatEachGained() {
        coordinator.answer(
                ROUND_2,
                200,
                """
                {"task":"trec","round":2,"step":"CLOSED","outcome":{"devices":[],"models":[
                  {"model":"minilm-lora","devices":3,"standalone":0.5,"withPool":0.62,"gain":0.12},
                  {"model":"bag","devices":1,"standalone":0.4,"withPool":0.39,"gain":-0.01}]}}
                """);

        assertThat(Cli.to(coordinator).run("round", "show", "trec", "2").out())
                .contains(
                        """
                        SMALL MODEL  DEVICES  STANDALONE  WITH POOL  GAIN
                        minilm-lora  3        50.0 %      62.0 %     +12.0
                        bag          1        40.0 %      39.0 %     -1.0
                        """);
    }

    @Test
    void show_devicesThatWithhold_saysWhy() {
        coordinator.answer(
                ROUND_2,
                200,
                """
                {"task":"trec","round":2,"step":"CLOSED","outcome":{"devices":[
                  {"device":"silo-1","reliability":0.8,"poolSamples":90,"withheld":true}]}}
                """);

        assertThat(Cli.to(coordinator).run("round", "show", "trec", "2").out())
                .contains(
                        """
                        DEVICE  RELIABILITY  STANDALONE  WITH POOL  KEPT  PRIVATE  POOL
                        silo-1  0.800        -           -          -     -        90
                        The task's privacy mode keeps back what private texts decide.
                        """);
    }

    @Test
    void show_plannedRound_printsWhatThereIs() {
        coordinator.answer(ROUND_2, 200, "{\"task\":\"trec\",\"round\":2,\"step\":\"PLANNED\"}");

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "show", "trec", "2");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("PLANNED").doesNotContain("DEVICE", "pool");
    }

    @Test
    void show_numberThatIsNone_isWrongUsage() {
        Cli.Outcome outcome = Cli.to(coordinator).run("round", "show", "trec", "first");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("'first' is not an int", "crosslm round show --help");
    }

    @Test
    void cancel_round_postsToItsCancelAddress() {
        coordinator.answer("POST /v1/tasks/trec/rounds/2/cancel", 202, "");

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "cancel", "trec", "2");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("round 2 of task trec is cancelled");
    }

    @Test
    void cancel_roundThatIsOver_showsTheProblem() {
        coordinator.problem(
                "POST /v1/tasks/trec/rounds/2/cancel",
                409,
                "{\"code\":\"ROUND-3004\",\"detail\":\"round 2 is closed\"}");

        Cli.Outcome outcome = Cli.to(coordinator).run("round", "cancel", "trec", "2");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("ROUND-3004: round 2 is closed");
    }

    private void started(String rounds) {
        coordinator.answer(
                "POST /v1/tasks/trec/rounds",
                202,
                "{\"task\":\"trec\",\"rounds\":[" + rounds + "]}");
    }

    private static String step(String step, String steps, int scoreReports) {
        return "{\"task\":\"trec\",\"round\":1,\"step\":\""
                + step
                + "\",\"selected\":2,\"trainingReports\":0,\"scoreReports\":"
                + scoreReports
                + ",\"steps\":"
                + steps
                + "}";
    }
}
