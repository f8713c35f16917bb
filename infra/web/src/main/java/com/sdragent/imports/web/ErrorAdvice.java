package com.sdragent.imports.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.MethodParameter;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Turns whatever a controller or Spring MVC throws into the error body of the contract. */
@RestControllerAdvice
class ErrorAdvice {
  private final Failures failures;
  private final DocumentedNames documented;

  ErrorAdvice(Failures failures, DocumentedNames documented) {
    this.failures = failures;
    this.documented = documented;
  }

  @ExceptionHandler(Exception.class)
  void answer(Exception thrown, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    if (cause(thrown, ClientAbortException.class) instanceof ClientAbortException gone) {
      // The client is gone: nobody is left to answer, and the container stays silent about it.
      if (response.isCommitted() || cause(gone, SocketTimeoutException.class) == null) throw gone;
      thrown = ApiError.requestTimeout();
    }
    // A half-sent answer cannot be mended, so the container breaks the connection.
    if (response.isCommitted()) throw thrown;
    // The container's note about a body that it could not read would turn the answer into a 500.
    request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
    response.resetBuffer();
    ApiError error = error(methodsOfTheAddress(thrown, request));
    failures.answered(error, thrown instanceof ApiError ? thrown.getCause() : thrown);
    ErrorBodies.write(request, response, error);
  }

  /**
   * Where an address has a name of its own, a method of the addresses with an id in its place is
   * none of its methods, whether a node has those or not.
   */
  private Exception methodsOfTheAddress(Exception thrown, HttpServletRequest request) {
    boolean isAboutIt =
        thrown instanceof HttpRequestMethodNotSupportedException
            || thrown instanceof HttpMediaTypeNotSupportedException
            || (thrown instanceof MethodArgumentTypeMismatchException mismatch
                && mismatch.getParameter().hasParameterAnnotation(PathVariable.class));
    if (!isAboutIt) return thrown;
    String path = request.getRequestURI().substring(request.getContextPath().length());
    Set<String> methods = documented.methods(path);
    return methods.isEmpty() || methods.contains(request.getMethod())
        ? thrown
        : new HttpRequestMethodNotSupportedException(request.getMethod(), methods);
  }

  private static @Nullable Throwable cause(Throwable thrown, Class<? extends Throwable> type) {
    Throwable cause = thrown;
    while (cause != null && !type.isInstance(cause)) cause = cause.getCause();
    return cause;
  }

  /** Answers nothing, because the client is gone. */
  @ExceptionHandler(AsyncRequestNotUsableException.class)
  void gone(AsyncRequestNotUsableException thrown) throws IOException {
    throw thrown;
  }

  static ApiError error(Exception thrown) {
    return switch (thrown) {
      case ApiError error -> error;
      case MethodArgumentTypeMismatchException mismatch -> wrongArgument(mismatch);
      case ErrorResponse response ->
          ErrorBodies.of(response.getStatusCode().value(), headers(response));
      case InvalidParameterException _ -> ApiError.badRequest("The query is malformed");
      case TypeMismatchException _ -> ApiError.badRequest("The request is malformed");
      case HttpMessageNotReadableException _ ->
          ApiError.badRequest("The body is missing or is not valid JSON");
      case DataAccessResourceFailureException _,
          QueryTimeoutException _,
          TransientDataAccessException _,
          CannotCreateTransactionException _ ->
          ApiError.unavailable("The service cannot do this now, try again");
      default -> ErrorBodies.of(500, Map.of());
    };
  }

  private static ApiError wrongArgument(MethodArgumentTypeMismatchException mismatch) {
    MethodParameter parameter = mismatch.getParameter();
    String type = parameter.getParameterType() == UUID.class ? "a UUID" : "valid";
    return ApiError.validation(
        List.of(new ApiError.FieldError(mismatch.getName(), "must be " + type)));
  }

  private static Map<String, String> headers(ErrorResponse response) {
    var headers = new HashMap<String, String>();
    response.getHeaders().forEach((name, values) -> headers.put(name, String.join(", ", values)));
    headers.remove("Content-Type");
    return headers;
  }
}
