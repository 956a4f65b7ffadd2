// Shows the API's own description on /docs.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true });
