"""The plumbing that all services of APGE Monitor stand on. It knows no service; code comes here when a second one needs it unchanged."""
