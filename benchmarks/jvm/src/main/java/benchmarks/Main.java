package benchmarks;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs one engine by the protocol of the benchmark's contestants: one line of JSON in, one out.
 *
 * <p>{@code {"do": "load", "folder": PATH}} reads a task; {@code {"do": "answer"}} gives the
 * answers to all its records; {@code {"do": "time", "calls": N}} the seconds of N decisions, the
 * records in rotation. See benchmarks/worker.py.
 */
public final class Main {

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN);
    private static final Map<String, Supplier<Engine>> ENGINES =
            Map.of("kie", KieEngine::new, "camunda", CamundaEngine::new);

    private final Engine engine;
    private List<Map<String, Object>> records = List.of();
    private int next;

    /** Every result goes here, so that the compiler cannot leave the decision out. */
    private volatile Object last;

    private Main(Engine engine) {
        this.engine = engine;
    }

    /** Answers standard input's lines to its end; the argument names the engine. */
    public static void main(String[] arguments) throws Exception {
        var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        System.setOut(System.err);
        var main = new Main(ENGINES.get(arguments[0]).get());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.write(JSON.writeValueAsString(main.reply(JSON.readTree(line))));
            out.newLine();
            out.flush();
        }
        System.exit(0);
    }

    private Map<String, Object> reply(JsonNode message) throws Exception {
        switch (message.get("do").asText()) {
            case "load":
                try {
                    load(Path.of(message.get("folder").asText()));
                } catch (Engine.Refusal refusal) {
                    return Map.of("refused", refusal.getMessage());
                }
                return Map.of("ok", true);
            case "answer":
                List<Object> answers = new ArrayList<>();
                for (Map<String, Object> each : records) {
                    answers.add(engine.answer(engine.decide(each)));
                }
                return Map.of("answers", answers);
            case "time":
                return Map.of("seconds", seconds(message.get("calls").asLong()));
            default:
                throw new IOException("the protocol has no " + message);
        }
    }

    private void load(Path folder) throws Exception {
        JsonNode workload = JSON.readTree(folder.resolve("workload.json").toFile());
        String decision = workload.get("asked").asText();
        JsonNode steps = workload.get("steps");
        JsonNode asked = steps.get(steps.size() - 1);
        boolean collects = asked.has("hit") && asked.get("hit").asText().equals("COLLECT");
        records = JSON.convertValue(workload.get("records"), new TypeReference<>() {});
        engine.load(folder, new Engine.Asked(decision, collects));
    }

    private double seconds(long calls) {
        List<Map<String, Object>> rotation = records;
        int position = next;
        long start = System.nanoTime();
        for (long call = 0; call < calls; call++) {
            last = engine.decide(rotation.get(position));
            position = position + 1 == rotation.size() ? 0 : position + 1;
        }
        long end = System.nanoTime();
        next = position;
        return (end - start) / 1e9;
    }
}
