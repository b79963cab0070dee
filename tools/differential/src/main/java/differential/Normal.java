package differential;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.ChronoPeriod;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kie.dmn.feel.runtime.impl.UndefinedValueComparable;

/**
 * A value in a form that two engines can be compared by.
 *
 * <p>Null, true and false are themselves; all else is a list that starts with a tag: n (number),
 * s (string), d (date), t (time), dt (date and time), dtd and ymd (durations, in seconds and in
 * months), l (list), c (context), r (range), f (function), e (no answer, with the reason).
 */
final class Normal {

    /** A number with more digits is no answer: to write it would take minutes. */
    private static final int MOST_BITS = 10_000;

    private Normal() {}

    static Object of(Object value) {
        if (value == null || value instanceof Boolean) {
            return value;
        }
        if (value instanceof UndefinedValueComparable) {
            return null; // KIE's end of a range that has none
        }
        if (value instanceof BigDecimal number
                && number.unscaledValue().bitLength() > MOST_BITS) {
            return List.of("e", "a number of thousands of digits");
        }
        if (value instanceof Number number) {
            return List.of("n", number(number));
        }
        if (value instanceof String || value instanceof Character) {
            return List.of("s", value.toString());
        }
        if (value instanceof LocalDate date) {
            return List.of("d", day(date));
        }
        if (value instanceof LocalDateTime || value instanceof OffsetDateTime
                || value instanceof ZonedDateTime) {
            return dateAndTime((TemporalAccessor) value);
        }
        if (value instanceof TemporalAccessor time) {
            return List.of("t", clock(time) + zone(time));
        }
        if (value instanceof Duration duration) {
            BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds())
                    .add(BigDecimal.valueOf(duration.getNano(), 9));
            return List.of("dtd", "PT" + number(seconds) + "S");
        }
        if (value instanceof ChronoPeriod period) {
            long days = period.get(ChronoUnit.DAYS);
            if (days != 0) {
                return List.of("e", "a period with days: " + period);
            }
            long months = period.get(ChronoUnit.YEARS) * 12 + period.get(ChronoUnit.MONTHS);
            return List.of("ymd", "P" + months + "M");
        }
        if (value instanceof Collection<?> items) {
            List<Object> normal = new ArrayList<>();
            items.forEach(item -> normal.add(of(item)));
            return pair("l", normal);
        }
        if (value instanceof Map<?, ?> entries) {
            return context(entries);
        }
        if (value instanceof com.gs.dmn.runtime.Context context) {
            return context(context.getBindings());
        }
        if (value instanceof org.kie.dmn.feel.runtime.Range range) {
            return range(
                    range.getLowBoundary() == org.kie.dmn.feel.runtime.Range.RangeBoundary.CLOSED,
                    range.getLowEndPoint(),
                    range.getHighEndPoint(),
                    range.getHighBoundary() == org.kie.dmn.feel.runtime.Range.RangeBoundary.CLOSED);
        }
        if (value instanceof com.gs.dmn.runtime.Range<?> range) {
            return range(
                    range.isStartIncluded(), range.getStart(), range.getEnd(),
                    range.isEndIncluded());
        }
        if (value instanceof org.kie.dmn.feel.runtime.FEELFunction
                || value instanceof com.gs.dmn.runtime.function.Function) {
            return List.of("f");
        }
        return List.of("e", "a value of " + value.getClass().getName());
    }

    private static String number(Number number) {
        BigDecimal decimal =
                number instanceof BigDecimal exact ? exact : new BigDecimal(number.toString());
        return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toString();
    }

    private static Object dateAndTime(TemporalAccessor moment) {
        LocalDate date = moment.query(TemporalQueries.localDate());
        return List.of("dt", day(date) + "T" + clock(moment) + zone(moment));
    }

    /** The date as XML Schema writes it: no plus before a year of five digits. */
    private static String day(LocalDate date) {
        String text = date.toString();
        return text.startsWith("+") ? text.substring(1) : text;
    }

    /** The time of day, always with seconds, with a fraction only where there is one. */
    private static String clock(TemporalAccessor moment) {
        LocalTime time = moment instanceof OffsetTime offset
                ? offset.toLocalTime()
                : moment.query(TemporalQueries.localTime());
        String text = String.format("%02d:%02d:%02d", time.getHour(), time.getMinute(),
                time.getSecond());
        if (time.getNano() == 0) {
            return text;
        }
        return text + "." + String.format("%09d", time.getNano()).replaceAll("0+$", "");
    }

    private static String zone(TemporalAccessor moment) {
        ZoneId zone = moment.query(TemporalQueries.zone());
        if (zone == null) {
            return "";
        }
        if (zone instanceof ZoneOffset offset) {
            return offset.getId();
        }
        return zone.getId().equals("Z") ? "Z" : "@" + zone.getId();
    }

    private static Object context(Map<?, ?> entries) {
        Map<String, Object> normal = new LinkedHashMap<>();
        entries.forEach((key, value) -> normal.put(String.valueOf(key), of(value)));
        return pair("c", normal);
    }

    private static Object range(boolean lowClosed, Object low, Object high, boolean highClosed) {
        List<Object> normal = new ArrayList<>();
        normal.add("r");
        normal.add(lowClosed && of(low) != null ? "[" : "(");
        normal.add(of(low));
        normal.add(of(high));
        normal.add(highClosed && of(high) != null ? "]" : ")");
        return normal;
    }

    private static List<Object> pair(String tag, Object content) {
        return List.of(tag, content);
    }
}
