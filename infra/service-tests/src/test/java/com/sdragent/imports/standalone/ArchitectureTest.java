package com.sdragent.imports.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.command.domain.violations.DecisionThatReadsAClock;
import com.sdragent.imports.command.domain.violations.DecisionThatUsesSpring;
import com.sdragent.imports.command.violations.CommandSideManager;
import com.sdragent.imports.command.violations.CommandSideThatKnowsHttp;
import com.sdragent.imports.command.violations.CommandSideThatUsesTheQuerySide;
import com.sdragent.imports.command.violations.HalfOfACycle;
import com.sdragent.imports.command.violations.SettingsThatCanChange;
import com.sdragent.imports.events.violations.EventThatUsesSpring;
import com.sdragent.imports.eventstore.violations.EventStoreThatSpeaksHttp;
import com.sdragent.imports.eventstore.violations.EventStoreThatUsesTheCommandSide;
import com.sdragent.imports.query.imports.violations.ReadModelThatRebuildsItself;
import com.sdragent.imports.query.projection.violations.MachineryThatAnswersRequests;
import com.sdragent.imports.query.projection.violations.MachineryThatKnowsAColumn;
import com.sdragent.imports.query.violations.OtherHalfOfACycle;
import com.sdragent.imports.query.violations.QuerySideThatUsesTheCommandSide;
import com.sdragent.imports.query.web.violations.ParametersThatKnowAnEvent;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The boundaries of the design; each is also shown to fail on classes that break it. */
class ArchitectureTest {
  private static final String BASE = "com.sdragent.imports.";

  /**
   * No jar of the service needs the tool, and its own holds its classes where nobody finds them.
   */
  private static final Path TOOL = Path.of("..", "tool", "target", "classes");

  /** The main code of all modules that have packages. */
  private static final JavaClasses SERVICE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importLocations(
              Stream.concat(
                      Locations.ofPackage(BASE.substring(0, BASE.length() - 1)).stream(),
                      Stream.of(Location.of(TOOL)))
                  .collect(Collectors.toSet()));

  /** A rule, and classes that break it together. */
  record Boundary(String name, ArchRule rule, List<Class<?>> violations) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Boundary boundary(String name, ArchRule rule, Class<?>... violations) {
    return new Boundary(name, rule, List.of(violations));
  }

  static List<Boundary> boundaries() {
    return List.of(
        boundary(
            "the command side knows nothing of the query side",
            noClasses()
                .that()
                .resideInAPackage(BASE + "command..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(BASE + "query.."),
            CommandSideThatUsesTheQuerySide.class),
        boundary(
            "the query side knows nothing of the command side",
            noClasses()
                .that()
                .resideInAPackage(BASE + "query..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(BASE + "command.."),
            QuerySideThatUsesTheCommandSide.class),
        boundary(
            "events need the JDK and Jackson and nothing else",
            classes()
                .that()
                .resideInAPackage(BASE + "events..")
                .and()
                .resideOutsideOfPackage(BASE + "events.kafka")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                    "java..",
                    "com.fasterxml.jackson.annotation..",
                    "tools.jackson..",
                    "org.jspecify.annotations..",
                    BASE + "events.."),
            EventThatUsesSpring.class),
        boundary(
            "consumers need neither Spring nor Axon",
            noClasses()
                .that()
                .resideInAPackage(BASE + "events..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "org.axonframework.."),
            EventThatUsesSpring.class),
        boundary(
            "what both sides share knows neither",
            noClasses()
                .that()
                .resideInAnyPackage(
                    BASE + "eventstore..",
                    BASE + "loops..",
                    BASE + "traces..",
                    BASE + "access..",
                    BASE + "telemetry..",
                    BASE + "web..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE + "command..", BASE + "query..", BASE + "standalone.."),
            EventStoreThatUsesTheCommandSide.class),
        boundary(
            "the event store knows no callers and no HTTP",
            noClasses()
                .that()
                .resideInAnyPackage(BASE + "eventstore..", BASE + "loops..", BASE + "traces..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    BASE + "access..",
                    BASE + "web..",
                    "jakarta.servlet..",
                    "org.springframework.web.."),
            EventStoreThatSpeaksHttp.class),
        boundary(
            "the domain knows no web no database and no Spring",
            noClasses()
                .that()
                .resideInAPackage(BASE + "command.domain..")
                .and()
                .haveSimpleNameNotEndingWith("Configuration")
                .and()
                .haveSimpleNameNotEndingWith("Properties")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "org.springframework..",
                    "jakarta..",
                    "java.sql..",
                    "org.apache.kafka..",
                    BASE + "access.."),
            DecisionThatUsesSpring.class),
        boundary(
            "decisions and folds read no clock and no chance and do not log",
            noClasses()
                .that()
                .resideInAnyPackage(BASE + "command.domain..", BASE + "events..")
                .should()
                .accessTargetWhere(
                    describe("reads a clock or a random source", ArchitectureTest::isImpure))
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("org.slf4j..", "java.util.logging..", "java.util.random..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                    java.time.Clock.class,
                    java.util.Random.class,
                    java.util.concurrent.ThreadLocalRandom.class),
            DecisionThatReadsAClock.class),
        boundary(
            "what runs projections knows none of them and no column",
            noClasses()
                .that()
                .resideInAPackage(BASE + "query.projection..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    BASE + "query.imports..", BASE + "query.summary..", BASE + "query.history.."),
            MachineryThatKnowsAColumn.class),
        boundary(
            "projections know no error of HTTP but in the routes for operators",
            noClasses()
                .that()
                .resideInAPackage(BASE + "query.projection..")
                .and()
                .resideOutsideOfPackage(BASE + "query.projection.admin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE + "web..", "org.springframework.web.."),
            MachineryThatAnswersRequests.class),
        boundary(
            "what a projection is made of knows nothing of rebuilds and operators",
            noClasses()
                .that()
                .resideInAnyPackage(
                    BASE + "query.imports..", BASE + "query.summary..", BASE + "query.history..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    BASE + "query.projection.rebuild..", BASE + "query.projection.admin.."),
            ReadModelThatRebuildsItself.class),
        boundary(
            "parameters and seats of requests know neither events nor projections",
            noClasses()
                .that()
                .resideInAPackage(BASE + "query.web..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    BASE + "events..",
                    BASE + "eventstore..",
                    BASE + "query.projection..",
                    BASE + "query.imports..",
                    BASE + "query.summary..",
                    BASE + "query.history.."),
            ParametersThatKnowAnEvent.class),
        boundary(
            "on the command side only web packages know HTTP",
            noClasses()
                .that()
                .resideInAPackage(BASE + "command..")
                .and()
                .resideOutsideOfPackage(BASE + "command.web..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    BASE + "web..",
                    "jakarta.servlet..",
                    "org.springframework.http..",
                    "org.springframework.web.."),
            CommandSideThatKnowsHttp.class),
        boundary(
            "no two packages need each other",
            slices().matching(BASE + "(**)").should().beFreeOfCycles(),
            HalfOfACycle.class,
            OtherHalfOfACycle.class),
        boundary(
            "each name stands for one thing",
            classes().that().areTopLevelClasses().should(haveANameOfTheirOwn()),
            com.sdragent.imports.command.violations.TwoThings.class,
            com.sdragent.imports.query.violations.TwoThings.class),
        boundary(
            "settings are records",
            classes()
                .that()
                .areAnnotatedWith(ConfigurationProperties.class)
                .should()
                .beAssignableTo(Record.class),
            SettingsThatCanChange.class),
        boundary(
            "names say what a class is for",
            noClasses()
                .should()
                .haveNameMatching(".*\\.[^.]*(Util|Utils|Common|Helper|Manager|Impl)(\\$.*)?"),
            CommandSideManager.class));
  }

  @ParameterizedTest
  @MethodSource("boundaries")
  void the_service_keeps(Boundary boundary) {
    boundary.rule().check(SERVICE);
  }

  @ParameterizedTest
  @MethodSource("boundaries")
  void a_class_that_breaks_it_is_found_by(Boundary boundary) {
    JavaClasses violations = new ClassFileImporter().importClasses(boundary.violations());
    assertThat(boundary.rule().evaluate(violations).hasViolation()).isTrue();
  }

  @Test
  void the_tool_is_among_the_classes_that_are_looked_at() {
    assertThat(SERVICE.contain(BASE + "tool.ImportsTool")).isTrue();
  }

  private static ArchCondition<JavaClass> haveANameOfTheirOwn() {
    return new ArchCondition<>("have a simple name of their own") {
      private final Map<String, Set<String>> byName = new TreeMap<>();

      @Override
      public void check(JavaClass type, ConditionEvents events) {
        byName.computeIfAbsent(type.getSimpleName(), _ -> new TreeSet<>()).add(type.getFullName());
      }

      @Override
      public void finish(ConditionEvents events) {
        byName.remove("package-info");
        for (Set<String> namesakes : byName.values()) {
          if (namesakes.size() < 2) continue;
          events.add(SimpleConditionEvent.violated(namesakes, "One name: " + namesakes));
        }
        byName.clear();
      }
    };
  }

  private static boolean isImpure(JavaAccess<?> access) {
    String member = access.getTarget().getName();
    Class<?> owner = ownerAmongImpure(access.getTargetOwner().getFullName());
    if (owner == Instant.class) return member.equals("now");
    if (owner == UUID.class) return member.equals("randomUUID");
    if (owner == System.class) return Set.of("currentTimeMillis", "nanoTime").contains(member);
    return owner == Math.class && member.equals("random");
  }

  private static @Nullable Class<?> ownerAmongImpure(String name) {
    for (Class<?> type : new Class<?>[] {Instant.class, UUID.class, System.class, Math.class}) {
      if (type.getName().equals(name)) return type;
    }
    return null;
  }
}
