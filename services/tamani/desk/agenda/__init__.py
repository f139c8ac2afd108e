"""The calendar of the meetings that a reader may read: pages, iCalendar files and feeds, personal addresses."""
