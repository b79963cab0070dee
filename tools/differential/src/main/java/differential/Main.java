package differential;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Answers questions, one JSON line each, with the engines: one JSON line out for each in.
 *
 * <p>A question has id, kind (expression, unary or table), text (FEEL; for a table, a DMN model
 * whose decision `Answer` is asked), samples (a literal of each variable's type) and inputs (rows
 * of literals by variable; `?` is what unary tests test). The answer has the id and, for each
 * engine, one value a row, in the form of {@link Normal}.
 */
public final class Main {

    private static final long SECONDS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Supplier<Engine>> makers = List.of(KieEngine::new, JdmnEngine::new);
    private final List<Engine> engines = new ArrayList<>();
    private final List<ExecutorService> workers = new ArrayList<>();
    private final List<Map<String, Object>> literals = new ArrayList<>();

    private Main() {
        for (Supplier<Engine> maker : makers) {
            engines.add(maker.get());
            workers.add(newWorker());
            literals.add(new HashMap<>());
        }
    }

    /** Reads standard input to its end. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        System.setOut(System.err);
        Main main = new Main();
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        BufferedWriter writer =
                new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            Engine.Question question = JSON.readValue(line, new TypeReference<>() {});
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", question.id());
            List<Future<List<Object>>> asked = main.ask(question);
            for (int number = 0; number < asked.size(); number++) {
                answer.put(
                        main.engines.get(number).name(),
                        main.bounded(number, question, asked.get(number)));
            }
            writer.write(JSON.writeValueAsString(answer));
            writer.newLine();
            writer.flush();
        }
        System.exit(0);
    }

    private static ExecutorService newWorker() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(null, task, "engines", 64L << 20);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Asks all engines at once, each on a thread of its own. */
    private List<Future<List<Object>>> ask(Engine.Question question) {
        List<Future<List<Object>>> asked = new ArrayList<>();
        for (int number = 0; number < engines.size(); number++) {
            Engine engine = engines.get(number);
            Map<String, Object> known = literals.get(number);
            asked.add(workers.get(number).submit(() -> answers(engine, known, question)));
        }
        return asked;
    }

    /** Returns the answers of an engine; after a time-out it is given up for a new one. */
    private List<Object> bounded(
            int number, Engine.Question question, Future<List<Object>> answers) {
        try {
            return answers.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException error) {
            answers.cancel(true);
            workers.get(number).shutdownNow();
            workers.set(number, newWorker());
            engines.set(number, makers.get(number).get());
            literals.set(number, new HashMap<>());
            return everywhere(question, "no answer in " + SECONDS + " s");
        } catch (ExecutionException error) {
            return everywhere(question, String.valueOf(error.getCause()));
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            return everywhere(question, "interrupted");
        }
    }

    private static List<Object> answers(
            Engine engine, Map<String, Object> known, Engine.Question question) {
        Engine.Answers ready;
        try {
            ready = engine.ready(question);
        } catch (Engine.Refusal refusal) {
            return everywhere(question, refusal.getMessage());
        }
        List<Object> answers = new ArrayList<>();
        for (Map<String, String> row : question.inputs()) {
            try {
                Map<String, Object> inputs = new LinkedHashMap<>();
                row.forEach((name, text) -> inputs.put(name, value(engine, known, text)));
                answers.add(Normal.of(ready.answer(inputs)));
            } catch (RuntimeException | StackOverflowError error) {
                answers.add(failure(error.toString()));
            }
        }
        return answers;
    }

    /** Returns a literal's value; lists and contexts anew, as an engine may change them. */
    private static Object value(Engine engine, Map<String, Object> known, String text) {
        if (text.startsWith("[") || text.startsWith("{")) {
            return engine.literal(text);
        }
        if (!known.containsKey(text)) {
            known.put(text, engine.literal(text));
        }
        return known.get(text);
    }

    private static List<Object> everywhere(Engine.Question question, String reason) {
        List<Object> answers = new ArrayList<>();
        question.inputs().forEach(row -> answers.add(failure(reason)));
        return answers;
    }

    private static Object failure(String reason) {
        return List.of("e", reason.length() > 300 ? reason.substring(0, 300) : reason);
    }
}
