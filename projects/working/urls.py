app_name = "working"
urlpatterns = []
