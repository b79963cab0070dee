package benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.dmn.engine.DmnDecision;
import org.camunda.bpm.dmn.engine.DmnDecisionResult;
import org.camunda.bpm.dmn.engine.DmnDecisionResultEntries;
import org.camunda.bpm.dmn.engine.DmnEngine;
import org.camunda.bpm.dmn.engine.DmnEngineConfiguration;

/** Camunda's DMN engine, with its FEEL engine in Scala, as Camunda 7 has them by default. */
final class CamundaEngine implements Engine {

    private final DmnEngine engine =
            DmnEngineConfiguration.createDefaultDmnEngineConfiguration().buildEngine();
    private DmnDecision decision;
    private Asked asked;

    @Override
    public void load(Path folder, Asked question) throws IOException {
        asked = question;
        try (InputStream stream = Files.newInputStream(folder.resolve("model.dmn"))) {
            decision = engine.parseDecision(asked.decision(), stream);
        }
    }

    @Override
    public Object decide(Map<String, Object> record) {
        return engine.evaluateDecision(decision, record);
    }

    @Override
    public Object answer(Object raw) {
        List<Object> hits = new ArrayList<>();
        for (DmnDecisionResultEntries entries : (DmnDecisionResult) raw) {
            Map<String, Object> map = entries.getEntryMap();
            hits.add(map.size() == 1 ? entries.getFirstEntry() : map);
        }
        if (asked.collects()) {
            return hits;
        }
        return hits.isEmpty() ? null : hits.get(0);
    }
}
