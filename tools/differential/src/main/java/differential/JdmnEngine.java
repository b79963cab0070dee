package differential;

import com.gs.dmn.DMNModelRepository;
import com.gs.dmn.ast.TDefinitions;
import com.gs.dmn.context.DMNContext;
import com.gs.dmn.context.DMNContextKind;
import com.gs.dmn.context.environment.Environment;
import com.gs.dmn.context.environment.EnvironmentFactory;
import com.gs.dmn.context.environment.RuntimeEnvironment;
import com.gs.dmn.dialect.JavaTimeDMNDialectDefinition;
import com.gs.dmn.el.analysis.semantics.type.Type;
import com.gs.dmn.el.analysis.syntax.ast.expression.Expression;
import com.gs.dmn.el.analysis.syntax.ast.test.UnaryTests;
import com.gs.dmn.el.interpreter.ELInterpreter;
import com.gs.dmn.log.NopBuildLogger;
import com.gs.dmn.runtime.interpreter.DMNInterpreter;
import com.gs.dmn.runtime.interpreter.EvaluationContext;
import com.gs.dmn.runtime.interpreter.Result;
import com.gs.dmn.transformation.InputParameters;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** jDMN's interpreter, with the Java time dialect that its conformance results are made with. */
final class JdmnEngine implements Engine {

    private final JavaTimeDMNDialectDefinition dialect = new JavaTimeDMNDialectDefinition();
    private final InputParameters parameters = new InputParameters();
    private final EnvironmentFactory environments = dialect.createEnvironmentFactory();
    private final ELInterpreter<Type, DMNContext> interpreter =
            dialect.createELInterpreter(new DMNModelRepository(), parameters);
    private final Map<String, Type> types = new HashMap<>();

    @Override
    public String name() {
        return "jdmn";
    }

    @Override
    public Object literal(String text) {
        return Result.value(interpreter.evaluateExpression(text, global()));
    }

    @Override
    public Answers ready(Question question) {
        return switch (question.kind()) {
            case "expression" -> expression(question);
            case "unary" -> unaryTests(question);
            case "table" -> table(question);
            default -> throw new Refusal("unknown kind " + question.kind());
        };
    }

    private DMNContext global() {
        return DMNContext.of(
                environments.getBuiltInContext(), DMNContextKind.GLOBAL, null,
                environments.emptyEnvironment(), RuntimeEnvironment.of());
    }

    private Type type(String sample) {
        return types.computeIfAbsent(
                sample, text -> interpreter.analyzeExpression(text, global()).getType());
    }

    private DMNContext context(Question question, Map<String, Object> inputs) {
        DMNContext context = global();
        question.samples().forEach((name, sample) -> {
            if (!name.equals("?")) {
                context.addDeclaration(environments.makeVariableDeclaration(name, type(sample)));
                context.bind(name, inputs.get(name));
            }
        });
        return context;
    }

    /** The text with names of several words in quotes: its scanner knows no names in scope. */
    private static String quoted(Question question) {
        String text = question.text();
        for (String name : question.samples().keySet()) {
            if (name.indexOf(' ') >= 0) {
                text = text.replace(name, "'" + name + "'");
            }
        }
        return text;
    }

    private Answers expression(Question question) {
        Expression<Type> analysed;
        try {
            analysed = interpreter.analyzeExpression(
                    quoted(question), context(question, Map.of()));
        } catch (RuntimeException error) {
            throw new Refusal(String.valueOf(error.getMessage()));
        }
        return inputs -> Result.value(
                interpreter.evaluateExpression(analysed, context(question, inputs)));
    }

    private DMNContext tested(Question question, Map<String, Object> inputs) {
        DMNContext outer = context(question, inputs);
        Expression<Type> subject = interpreter.analyzeExpression(question.samples().get("?"), outer);
        Environment environment = environments.makeEnvironment(subject);
        environment.addDeclaration(environments.makeVariableDeclaration(
                DMNContext.INPUT_ENTRY_PLACE_HOLDER, subject.getType()));
        DMNContext inner = DMNContext.of(
                outer, DMNContextKind.UNARY_TEST, null, environment, RuntimeEnvironment.of());
        inner.bind(DMNContext.INPUT_ENTRY_PLACE_HOLDER, inputs.get("?"));
        return inner;
    }

    private Answers unaryTests(Question question) {
        UnaryTests<Type> analysed;
        try {
            analysed = interpreter.analyzeUnaryTests(quoted(question), tested(question, Map.of()));
        } catch (RuntimeException error) {
            throw new Refusal(String.valueOf(error.getMessage()));
        }
        return inputs -> Boolean.TRUE.equals(Result.value(
                interpreter.evaluateUnaryTests(analysed, tested(question, inputs))));
    }

    private Answers table(Question question) {
        TDefinitions definitions;
        DMNInterpreter<?, ?, ?, ?, ?> model;
        try {
            definitions = dialect.createDMNSerializer(new NopBuildLogger(), parameters)
                    .readModel(new StringReader(question.text()));
            DMNModelRepository repository =
                    new DMNModelRepository(new ArrayList<>(List.of(definitions)));
            model = dialect.createDMNInterpreter(repository, parameters);
        } catch (RuntimeException error) {
            throw new Refusal(String.valueOf(error.getMessage()));
        }
        return inputs -> Result.value(model.evaluateDecision(
                definitions.getNamespace(), "Answer",
                EvaluationContext.makeDecisionEvaluationContext(null, inputs)));
    }
}
