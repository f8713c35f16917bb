package com.sdragent.imports.web;

import com.sdragent.imports.telemetry.InfoConfiguration;
import com.sdragent.imports.telemetry.TracingConfiguration;
import io.swagger.v3.oas.models.OpenAPI;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.catalina.core.StandardHost;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.ForwardedHeaderFilter;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sets up how any of the service's applications speaks HTTP: the container, the reading of
 * requests, and the answers, including errors.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
@Import({TracingConfiguration.class, InfoConfiguration.class})
public class WebConfiguration {
  private static final String SEND_BUFFER_BYTES = "131072";

  @Bean
  Drain drain(WebProperties properties) {
    return new Drain(properties.drainTime());
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> container(
      WebProperties properties, Drain drain) {
    return factory -> {
      factory.setProtocol(HttpProtocol.class.getName());
      if (properties.logRequests()) factory.addEngineValves(new RequestLog());
      factory.addConnectorCustomizers(
          connector -> {
            if (connector.getProtocolHandler() instanceof HttpProtocol protocol) {
              protocol.setDeadlines(properties.headerTimeout(), properties.bodyTimeout());
              drain.add(protocol);
            }
            // Otherwise, the kernel would take megabytes for each client that reads slowly, along
            // with the work to fill them.
            connector.setProperty("socket.txBufSize", SEND_BUFFER_BYTES);
            // The client is not asked for a body that its header already disqualifies.
            connector.setProperty("continueResponseTiming", "onRead");
          });
      factory.addContextCustomizers(
          context -> {
            if (context.getParent() instanceof StandardHost host) {
              host.setErrorReportValveClass(JsonErrorReportValve.class.getName());
            }
          });
    };
  }

  @Bean
  StrictJson strictJson() {
    return new StrictJson();
  }

  @Bean
  DocumentedNames documentedNames(OpenAPI apiModel) {
    return new DocumentedNames(apiModel);
  }

  @Bean
  WebMvcConfigurer messages(
      JsonMapper json, DocumentedNames documented, ObjectProvider<BodyReader<?>> bodies) {
    var answers = new WholeJson(json);
    return new WebMvcConfigurer() {
      @Override
      public void configureContentNegotiation(ContentNegotiationConfigurer configurer) {
        configurer.strategies(List.of(WebConfiguration::accepted));
      }

      @Override
      public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        bodies.orderedStream().forEach(resolvers::add);
        resolvers.add(new StrictUuid.OfPath());
      }

      @Override
      public void addReturnValueHandlers(List<HandlerMethodReturnValueHandler> handlers) {
        handlers.add(answers);
      }

      @Override
      public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
        builder.withJsonConverter(answers);
      }

      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new BodyRules());
        registry.addInterceptor(new StrictHandling(documented));
      }
    };
  }

  /** Routes requests by {@link PathFirstMappings}, and reads and writes JSON in one way. */
  @Bean
  WebMvcRegistrations routing() {
    return new WebMvcRegistrations() {
      @Override
      public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
        return new PathFirstMappings();
      }

      @Override
      public RequestMappingHandlerAdapter getRequestMappingHandlerAdapter() {
        return new OwnFirstAdapter();
      }
    };
  }

  private static List<MediaType> accepted(NativeWebRequest request)
      throws HttpMediaTypeNotAcceptableException {
    HttpServletRequest sent = request.getNativeRequest(HttpServletRequest.class);
    if (sent == null) return List.of(MediaType.ALL);
    try {
      List<MediaType> accepted = Accepted.of(sent).bestFirst();
      if (!accepted.isEmpty()) return accepted;
    } catch (InvalidMediaTypeException e) {
      // An unreadable header is treated as one that names nothing the service can serve.
    }
    throw new HttpMediaTypeNotAcceptableException("Nothing that is served is accepted");
  }

  @Bean
  ApiDocument apiDocument() throws IOException {
    return ApiDocument.read();
  }

  @Bean
  OpenAPI apiModel(ApiDocument document) throws IOException {
    return document.model();
  }

  @Bean
  ApiDocumentController apiDocumentController(ApiDocument document) {
    return new ApiDocumentController(document);
  }

  @Bean
  WelcomeController welcomeController(OpenAPI apiModel) {
    return new WelcomeController(apiModel);
  }

  @Bean
  FilterRegistrationBean<RequestId> requestId() {
    var registration = new FilterRegistrationBean<>(new RequestId());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return registration;
  }

  /** Replaces Spring Boot's own filter. */
  @Bean
  @ConditionalOnProperty(name = "server.forward-headers-strategy", havingValue = "framework")
  FilterRegistrationBean<ForwardedHeaderFilter> forwardedHeaderFilter() {
    var registration = new FilterRegistrationBean<ForwardedHeaderFilter>(new ForwardedRequests());
    registration.setDispatcherTypes(
        DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return registration;
  }

  /** Before authentication: a preflight has no key. */
  @Bean
  FilterRegistrationBean<CorsFilter> crossOrigin(WebProperties properties) {
    var registration = new FilterRegistrationBean<>(CrossOrigin.filter(properties.cors()));
    registration.setEnabled(!properties.cors().allowedOrigins().isEmpty());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return registration;
  }

  /** Leaves it to Spring MVC to note the request: nothing asks for it before. */
  @Bean
  FilterRegistrationBean<RequestContextFilter> noEarlierNoteOfTheRequest() {
    var registration = new FilterRegistrationBean<>(new RequestContextFilter());
    registration.setEnabled(false);
    return registration;
  }

  @Bean
  Failures failures(
      JdbcTemplate jdbc, @Qualifier("readsDataSource") ObjectProvider<DataSource> reads) {
    return new Failures(
        Stream.concat(Stream.of(jdbc), reads.stream().map(JdbcTemplate::new)).toList());
  }

  /** Replaces Spring Boot's own indicator of this name. */
  @Bean
  DatabaseHealth dbHealthIndicator(
      DataSource database, @Qualifier("readsDataSource") ObjectProvider<DataSource> reads) {
    return new DatabaseHealth(Stream.concat(Stream.of(database), reads.stream()).toList());
  }

  @Bean
  ErrorAdvice errorAdvice(Failures failures, DocumentedNames documented) {
    return new ErrorAdvice(failures, documented);
  }

  @Bean
  ContainerErrors containerErrors(Failures failures) {
    return new ContainerErrors(failures);
  }
}
