"""What is generated from the code: the contracts of APIs and events, and the events' pages."""
