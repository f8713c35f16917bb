package com.sdragent.imports.eventstore;

import java.util.Arrays;
import java.util.List;

/**
 * The last events of the log, as those who follow it share them. Whoever comes too late to change
 * them leaves them: the events are in the log all the same.
 */
@SuppressWarnings("ReferenceEquality") // whether they are the same ones is what is asked
final class NewestEvents {
  private static final List<RecordedEvent> NONE = List.of();

  private final int kept;

  /** Has room for those that come: to add some costs nothing for those that are there. */
  private RecordedEvent[] room;

  private int end;
  private volatile List<RecordedEvent> events = NONE;

  /**
   * @param kept how many are kept
   */
  NewestEvents(int kept) {
    this.kept = kept;
    room = new RecordedEvent[kept + kept / 2];
  }

  /** The events in the order of the log. What was returned once never changes. */
  List<RecordedEvent> get() {
    return events;
  }

  /** Puts others behind these, if nobody has changed them meanwhile. */
  synchronized void add(List<RecordedEvent> these, List<RecordedEvent> later) {
    if (these == events) append(these.size(), later);
  }

  /** Keeps others in their place, if nobody has changed them meanwhile. */
  synchronized void replace(List<RecordedEvent> these, List<RecordedEvent> others) {
    if (these == events) append(0, others);
  }

  /** Forgets these, if nobody has changed them meanwhile. */
  synchronized void forget(List<RecordedEvent> these) {
    if (these != events) return;
    events = NONE;
    room = new RecordedEvent[room.length];
    end = 0;
  }

  /**
   * @param before how many of the last events stay, if there is room for all
   */
  private void append(int before, List<RecordedEvent> later) {
    List<RecordedEvent> added = later.subList(Math.max(0, later.size() - kept), later.size());
    int stay = Math.min(before, kept - added.size());
    if (stay == 0 || end + added.size() > room.length) {
      // Lists that were returned still show the old one. What nobody shows any more goes with it.
      RecordedEvent[] full = room;
      room = new RecordedEvent[kept + kept / 2];
      System.arraycopy(full, end - stay, room, 0, stay);
      end = stay;
    }
    for (RecordedEvent event : added) room[end++] = event;
    events = Arrays.asList(room).subList(end - stay - added.size(), end);
  }
}
